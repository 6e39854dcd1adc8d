// Server graphics ([MS-RDPBCGR] 2.2.9.1), the client's half of update_writer.h: fast-path and slow-path
// updates to the same events, fragments put together. Pointers are checked for their frame only; drawing
// orders and surface commands, which a server may send only to clients that asked for them, are skipped.
#pragma once

#include <vector>

#include "lib/base/bytes.h"
#include "lib/base/result.h"
#include "lib/rdp/connector_events.h"

namespace ts::rdp {

/// The most bytes of an update in fragments: what the client announces and holds the server to.
inline constexpr std::uint32_t kMaxReassembledUpdate = 1 << 20;

class UpdateReader {
 public:
  /// A whole fast-path PDU (2.2.9.1.2).
  [[nodiscard]] Result<> fast_path(ByteView pdu, std::vector<ServerEvent>& events);
  /// `body` of an Update data PDU (2.2.9.1.1.3).
  [[nodiscard]] Result<> slow_path(ByteView body, std::vector<ServerEvent>& events);
  /// Forgets fragments: the share was deactivated.
  void reset();

 private:
  Result<> fragment(std::uint8_t code, std::uint8_t place, ByteView data, std::vector<ServerEvent>& events);

  bool open_ = false;  // between the first fragment and the last
  std::uint8_t open_code_ = 0;
  Bytes fragments_;
};

}  // namespace ts::rdp
