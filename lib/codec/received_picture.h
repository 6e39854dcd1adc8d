// ReceivedPicture is a client's desktop: bitmap updates are decoded and painted into it ([MS-RDPBCGR]
// 2.2.9.1.1.3.1.2). Everything that comes is a stranger's: numbers are checked before memory is taken, and
// what is outside of the desktop is cut off. Owns its pixels; pure, does not block.
#pragma once

#include <vector>

#include "lib/base/result.h"
#include "lib/codec/encoder.h"
#include "lib/codec/palette.h"
#include "lib/codec/picture.h"

namespace ts::codec {

inline constexpr std::size_t kMaxReceivedPixels = std::size_t{64} << 20;  // of a desktop: 256 MiB of memory
inline constexpr std::size_t kMaxReceivedBitmap = std::size_t{1} << 20;   // pixels of one bitmap

/// The pixels of one bitmap as 0x00RRGGBB, top row first, rect.width in a row. 15 and 16 bits are spread so
/// that the brightest stays the brightest. An error when the numbers do not agree with each other or with the
/// data.
[[nodiscard]] Result<std::vector<std::uint32_t>> decode_bitmap(const EncodedRect& rect,
                                                               const Palette& palette);

class ReceivedPicture {
 public:
  /// A black desktop of this size; an error for one of more than kMaxReceivedPixels. The palette stays.
  [[nodiscard]] Result<> reset(int width, int height);
  void set_palette(const Palette& palette) { palette_ = palette; }
  [[nodiscard]] Result<> paint(const EncodedRect& rect);

  int width() const { return width_; }
  int height() const { return height_; }
  /// width() * height() pixels, 0x00RRGGBB, top row first.
  const std::vector<std::uint32_t>& pixels() const { return pixels_; }
  /// The same, until the next reset(); an error before the first.
  [[nodiscard]] Result<FrameView> view() const {
    return FrameView::over(std::as_bytes(std::span(pixels_)), 0, static_cast<std::size_t>(width_) * 4, width_,
                           height_);
  }

 private:
  int width_ = 0, height_ = 0;
  std::vector<std::uint32_t> pixels_;
  Palette palette_ = palette();
};

}  // namespace ts::codec
