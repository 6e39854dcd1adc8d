// X.224 TPDUs and the negotiation inside the first two ([MS-RDPBCGR] 2.2.1.1, 2.2.1.2; X.224 13.3, 13.4).
#pragma once

#include <optional>
#include <string>

#include "lib/base/bytes.h"
#include "lib/base/result.h"

namespace ts::rdp {

// requestedProtocols and selectedProtocol ([MS-RDPBCGR] 2.2.1.1.1). Standard RDP security is no bit, but 0.
enum Protocol : std::uint32_t {
  kProtocolRdp = 0,
  kProtocolSsl = 1,
  kProtocolHybrid = 2,
  kProtocolRdstls = 4,
  kProtocolHybridEx = 8
};

// RDP_NEG_RSP flags ([MS-RDPBCGR] 2.2.1.2.1).
inline constexpr std::uint8_t kExtendedClientDataSupported = 0x01;

enum class NegotiationFailure : std::uint32_t {  // [MS-RDPBCGR] 2.2.1.2.2
  kSslRequired = 1,
  kSslNotAllowed = 2,
  kSslCertificateMissing = 3,
  kInconsistentFlags = 4,
  kHybridRequired = 5,
  kSslWithUserAuthRequired = 6
};

/// X.224 Connection Request: 7 bytes, then a cookie or token, then RDP_NEG_REQ (8), then correlation info
/// (36).
struct ConnectionRequest {
  std::string cookie_user;                           // of "Cookie: mstshash=USER"
  std::string routing_token;                         // any other text before CR LF
  std::optional<std::uint32_t> requested_protocols;  // nothing: no RDP_NEG_REQ, a client before RDP 5.2
  std::uint8_t flags = 0;                            // of RDP_NEG_REQ
};
[[nodiscard]] Result<ConnectionRequest> decode_connection_request(ByteView tpkt);

/// Connection Confirm with RDP_NEG_RSP: 19 bytes in all.
void encode_connection_confirm(std::uint32_t selected_protocol, std::uint8_t flags, Bytes& out);
/// Connection Confirm with RDP_NEG_FAILURE: 19 bytes in all.
void encode_negotiation_failure(NegotiationFailure code, Bytes& out);

/// The client's half of both: the cookie or token (at most one of them, neither with CR or LF), then
/// RDP_NEG_REQ. Both together have at most kMaxCookie bytes.
inline constexpr std::size_t kMaxCookie = 200;  // the length indicator says at most 254, with all else
void encode_connection_request(const ConnectionRequest& request, Bytes& out);

struct ConnectionConfirm {
  std::uint32_t selected_protocol = kProtocolRdp;  // without RDP_NEG_RSP, too: a server before RDP 5.2
  std::optional<std::uint32_t> failure;            // of RDP_NEG_FAILURE, may have no name above
};
[[nodiscard]] Result<ConnectionConfirm> decode_connection_confirm(ByteView tpkt);

/// What a TPKT after the negotiation holds: data, or the peer's Disconnect Request (nothing).
[[nodiscard]] Result<std::optional<ByteView>> decode_data_or_disconnect(ByteView tpkt);

/// The X.224 Data header (02 F0 80), inside a TPKT.
void write_x224_data_header(ByteWriter& writer);

}  // namespace ts::rdp
