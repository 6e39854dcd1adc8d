// Connection finalisation ([MS-RDPBCGR] 2.2.1.14 to 2.2.1.22): synchronise, control and font PDUs. Each
// writer appends one whole PDU.
#pragma once

#include "lib/base/bytes.h"
#include "lib/base/result.h"
#include "lib/rdp/share.h"

namespace ts::rdp {

enum class ControlAction : std::uint16_t {
  kRequestControl = 1,
  kGrantedControl = 2,
  kDetach = 3,
  kCooperate = 4
};

/// `body` of a Control PDU: its action, of which only the request is answered.
[[nodiscard]] Result<ControlAction> decode_control(ByteView body);

void encode_synchronize(std::uint16_t target_user, Bytes& out);
void encode_control_cooperate(Bytes& out);
void encode_control_granted(std::uint16_t user, Bytes& out);
void encode_font_map(Bytes& out);

/// All that the client says after its Confirm Active, at once: synchronise, cooperate, request, font list.
/// The server answers with what the writers above write, of which Font Map is the last.
void encode_client_finalization(const ShareEnd& client, Bytes& out);

}  // namespace ts::rdp
