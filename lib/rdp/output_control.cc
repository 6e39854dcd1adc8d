#include "lib/rdp/output_control.h"

namespace ts::rdp {

Result<RefreshRect> decode_refresh_rect(ByteView body) {
  ByteReader in(body);
  unsigned count = in.u8();
  in.skip(3 /* pad */);
  RefreshRect refresh;
  for (unsigned i = 0; i < count; ++i) {
    InclusiveRect rect;
    rect.left = in.u16le();
    rect.top = in.u16le();
    rect.right = in.u16le();
    rect.bottom = in.u16le();
    if (in.failed())
      return fail(ErrorCode::kMalformed, "refresh rect ends in rectangle {} of {}", i + 1, count);
    refresh.rects.push_back(rect);
  }
  if (in.failed()) return fail(ErrorCode::kMalformed, "refresh rect is cut short");
  return refresh;
}

Result<SuppressOutput> decode_suppress_output(ByteView body) {
  ByteReader in(body);
  std::uint8_t allow = in.u8();
  in.skip(3 /* pad */);
  if (in.failed()) return fail(ErrorCode::kMalformed, "suppress output is cut short");
  return SuppressOutput{.suppressed = allow == 0};
}

}  // namespace ts::rdp
