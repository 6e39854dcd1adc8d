// Keyboard and mouse of the client: fast-path and slow-path input PDUs ([MS-RDPBCGR] 2.2.8.1) to the same
// events. Surrogate halves of one character come as two events, perhaps in two PDUs: InputDecoder joins them.
#pragma once

#include <vector>

#include "lib/base/bytes.h"
#include "lib/base/result.h"
#include "lib/rdp/events.h"

namespace ts::rdp {

class InputDecoder {
 public:
  /// A whole fast-path PDU (2.2.8.1.2): at most 255 events.
  [[nodiscard]] Result<> fast_path(ByteView pdu, std::vector<Event>& events);
  /// `body` of an Input data PDU (2.2.8.1.1.3): events of 12 bytes, as many as it says.
  [[nodiscard]] Result<> slow_path(ByteView body, std::vector<Event>& events);

 private:
  Result<> fast_event(ByteReader& in, std::vector<Event>& events);
  void slow_event(std::uint16_t type, ByteReader& in, std::vector<Event>& events);
  void unicode(std::uint16_t unit, bool down, std::vector<Event>& events);

  // The first half of a surrogate pair, for keys going down [1] and up [0]; 0 for none.
  std::uint16_t high_surrogate_[2] = {0, 0};
};

}  // namespace ts::rdp
