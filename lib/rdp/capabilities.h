// Capability sets: what the server offers in Demand Active and what the client answers in Confirm Active
// ([MS-RDPBCGR] 2.2.1.13, 2.2.7). Clients answer with the common part of both sides, so what is not offered
// here does not come back. Each half has a writer and a reader: server_capabilities.cc,
// client_capabilities.cc.
#pragma once

#include "lib/base/bytes.h"
#include "lib/base/result.h"
#include "lib/rdp/events.h"
#include "lib/rdp/share.h"

namespace ts::rdp {

/// Demand Active as a whole PDU for a desktop of this size and depth. Holds only sets that a server may send
/// (FreeRDP hangs up on others) and no drawing orders.
void encode_demand_active(std::uint16_t width, std::uint16_t height, std::uint16_t depth, Bytes& out);

/// Deactivate All ([MS-RDPBCGR] 2.2.3.1) as a whole PDU.
void encode_deactivate_all(Bytes& out);

/// `body` of a Confirm Active, after its Share Control header. Unknown sets are skipped, at most 64 are read.
[[nodiscard]] Result<ClientCapabilities> decode_confirm_active(ByteView body);

/// What a client needs of a Demand Active.
struct ServerCapabilities {
  std::uint32_t share_id = 0;
  std::uint16_t width = 0, height = 0, depth = 0;  // the session's: 0x0 when the server has no bitmap set
  std::uint16_t input_flags = 0;
};
/// `body` of a Demand Active, after its Share Control header. Unknown sets are skipped, at most 64 are read.
[[nodiscard]] Result<ServerCapabilities> decode_demand_active(ByteView body);

/// Confirm Active as a whole PDU: no drawing orders, no bitmap cache, and of the rest what is said here. The
/// sets that [MS-RDPBCGR] 2.2.1.13.2.1 wants of every client are all there.
void encode_confirm_active(const ShareEnd& client, const ClientCapabilities& capabilities, Bytes& out);

}  // namespace ts::rdp
