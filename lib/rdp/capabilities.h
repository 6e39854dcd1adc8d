// Capability sets: what the server offers in Demand Active and what the client answers in Confirm Active
// ([MS-RDPBCGR] 2.2.1.13, 2.2.7). Clients answer with the common part of both sides, so what is not offered
// here does not come back.
#pragma once

#include "lib/base/bytes.h"
#include "lib/base/result.h"
#include "lib/rdp/events.h"

namespace ts::rdp {

/// Demand Active as a whole PDU for a desktop of this size and depth. Holds only sets that a server may send
/// (FreeRDP hangs up on others) and no drawing orders.
void encode_demand_active(std::uint16_t width, std::uint16_t height, std::uint16_t depth, Bytes& out);

/// Deactivate All ([MS-RDPBCGR] 2.2.3.1) as a whole PDU.
void encode_deactivate_all(Bytes& out);

/// `body` of a Confirm Active, after its Share Control header. Unknown sets are skipped, at most 64 are read.
[[nodiscard]] Result<ClientCapabilities> decode_confirm_active(ByteView body);

}  // namespace ts::rdp
