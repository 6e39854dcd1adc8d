#include "lib/codec/picture.h"

namespace ts::codec {

Result<FrameView> FrameView::over(ByteView mapping, std::size_t offset, std::size_t stride, int width,
                                  int height) {
  if (width <= 0 || height <= 0 || width > kMaxPictureSize || height > kMaxPictureSize) {
    return fail(ErrorCode::kMalformed, "a framebuffer cannot be '{}x{}' pixels", width, height);
  }
  std::size_t row_bytes = static_cast<std::size_t>(width) * sizeof(std::uint32_t);
  if (stride < row_bytes) {
    return fail(ErrorCode::kMalformed, "framebuffer rows '{}' bytes apart cannot hold '{}' pixels", stride,
                width);
  }
  if (offset > mapping.size() || mapping.size() - offset < row_bytes ||
      (mapping.size() - offset - row_bytes) / stride < static_cast<std::size_t>(height) - 1) {
    return fail(ErrorCode::kMalformed, "a framebuffer of '{}x{}' pixels at '{}' ends beyond its '{}' bytes",
                width, height, offset, mapping.size());
  }
  FrameView view;
  view.pixels_ = mapping.data() + offset;
  view.stride_ = stride;
  view.width_ = width;
  view.height_ = height;
  return view;
}

}  // namespace ts::codec
