// A cursor as the display server gives it becomes a pointer as RDP clients take it: masks with rows
// bottom-up, each padded to two bytes ([MS-RDPBCGR] 2.2.9.1.1.4.4 colour, .5 new, 2.2.9.1.2.1.11 large
// pointer). Clients drop the connection over a wrong mask length, so width, height and masks always agree
// here.
#pragma once

#include <span>

#include "lib/base/bytes.h"
#include "lib/base/result.h"

namespace ts::codec {

/// As CursorChunk carries it: premultiplied A R G B in host order, rows top-down.
struct CursorImage {
  int width = 0, height = 0;
  int hot_x = 0, hot_y = 0;
  std::span<const std::uint32_t> pixels;  // width * height
};

struct PointerShape {
  int width = 0, height = 0;
  int hot_x = 0, hot_y = 0;  // always inside
  int bits_per_pixel = 0;    // of the XOR mask: 32 (B G R A, not premultiplied) or 24 (B G R)
  Bytes xor_mask;
  Bytes and_mask;  // a bit a pixel, 1 where the screen shines through
  /// No pixel of it is to be seen (also when it has none): send the null pointer instead.
  bool hidden = true;
};

/// The shape at 32 bits (new and large pointers) or 24 (colour pointers: half transparent becomes opaque or
/// nothing). A cursor larger than `limit` either way is scaled down. The image's numbers are checked.
[[nodiscard]] Result<PointerShape> make_pointer(const CursorImage& image, int bits_per_pixel, int limit);

}  // namespace ts::codec
