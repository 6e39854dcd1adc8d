// The server's settings in the MCS Connect Response ([MS-RDPBCGR] 2.2.1.4.2 to 2.2.1.4.5).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "lib/base/bytes.h"
#include "lib/base/result.h"

namespace ts::rdp {

struct ServerSettings {
  std::uint32_t requested_protocols = 0;         // echo of RDP_NEG_REQ; clients compare it
  bool skip_channel_join = false;                // said only to clients that offer it
  std::vector<std::uint16_t> channels;           // ids of the static channels, in the client's order
  std::optional<std::uint16_t> message_channel;  // only for clients that asked
  std::uint32_t version = 0x00080004;            // RDP 5.0 to 8.1; rdesktop takes 1 in the low word for RDP 4
  std::uint16_t io_channel = 1003;
  std::uint32_t encryption_method = 0, encryption_level = 0;  // none under TLS
};

/// SC_CORE (16 bytes), SC_NET (8 + 2 per channel, padded to 4), SC_MCS_MSGCHANNEL (6), and at the end, where
/// rdesktop needs it, SC_SECURITY (12: no RDP encryption under TLS).
void encode_server_settings(const ServerSettings& settings, Bytes& out);

/// The client's half: SC_CORE and SC_NET must be there, a block may occur once, unknown ones are skipped.
[[nodiscard]] Result<ServerSettings> decode_server_settings(ByteView blocks);

}  // namespace ts::rdp
