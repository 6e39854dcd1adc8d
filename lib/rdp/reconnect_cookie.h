// Automatic reconnection on the wire ([MS-RDPBCGR] 1.3.1.5 and 5.5): the cookie that the server gives
// (ARC_SC_PRIVATE_PACKET, 2.2.4.2), what a client that has lost its connection makes of it
// (ARC_CS_PRIVATE_PACKET, 2.2.4.3), and how it is told that this was of no use (Auto-Reconnect Status
// PDU, 2.2.4.1).
//
// The verifier is HMAC-MD5 of the connection's client random under the cookie's random bits; the client
// random is 32 zero bytes under TLS. Computing and checking it is not done here:
// lib/session/reconnect_cookie.h.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "lib/base/bytes.h"

namespace ts::rdp {

/// Both packets: cbLen u32 (28), Version u32 (1), LogonId u32, 16 bytes.
inline constexpr std::size_t kReconnectPacket = 28;

/// Whoever has these bits gets the session. Wipe what held them. Of those that a server sends the last one
/// counts.
struct ServerReconnectCookie {
  std::uint32_t session_id = 0;  // LogonId
  std::array<std::byte, 16> random_bits{};
};

struct ClientReconnectCookie {
  std::uint32_t session_id = 0;
  std::array<std::byte, 16> verifier{};
};

void write_reconnect_packet(ByteWriter& writer, std::uint32_t session_id, ByteView secret);
/// Either packet, or nothing for what no server of this version can have given.
std::optional<ClientReconnectCookie> read_client_cookie(ByteView packet);
std::optional<ServerReconnectCookie> read_server_cookie(ByteView packet);

/// Save Session Info (2.2.10.1) with extended info (infoType 3) and the cookie alone. One whole PDU.
void encode_reconnect_cookie(const ServerReconnectCookie& cookie, Bytes& out);
/// Auto-Reconnect Status PDU: the cookie was not good. One whole PDU.
void encode_reconnect_status(Bytes& out);

}  // namespace ts::rdp
