// Server redirection ([MS-RDPBCGR] 2.2.13): the packet that sends a client elsewhere, in its enhanced form (a
// share PDU of its own type, 2.2.13.3.1). The standard form needs RDP security.
#pragma once

#include "lib/base/bytes.h"
#include "lib/base/result.h"
#include "lib/rdp/connector_events.h"

namespace ts::rdp {

inline constexpr std::size_t kMaxRedirectionText = 1024;     // bytes of one field; FreeRDP takes up to 512
inline constexpr std::size_t kMaxRedirectionAddresses = 64;  // of TargetNetAddresses

/// `body` after the Share Control header. A password in it is skipped.
[[nodiscard]] Result<Redirected> decode_redirection(ByteView body);

}  // namespace ts::rdp
