// Where pixels are: rectangles, the shared framebuffer (FrameView) and private pixels (PixelBlock).
//
// A pixel is 32 bits, B G R X in memory; X says nothing and may hold anything. The framebuffer belongs to a
// stranger's display server, which draws into it while we read: nothing but SentPicture reads it, once per
// pixel, into memory of our own, and encoders see only that copy. Nothing here owns pixels.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "lib/base/bytes.h"
#include "lib/base/result.h"

namespace ts::codec {

static_assert(std::endian::native == std::endian::little, "pixels are read as little-endian words");

/// Desktops are at most this wide and high: what RDP can say (signed 16 bits).
inline constexpr int kMaxPictureSize = 32767;

/// Pixels x ... x + width - 1, y ... y + height - 1. Empty when either size is not positive.
struct Rect {
  int x = 0, y = 0, width = 0, height = 0;

  bool empty() const { return width <= 0 || height <= 0; }
  bool operator==(const Rect&) const = default;
};

/// What both cover; any numbers are welcome, the sum of x and width may exceed an int.
inline Rect intersect(const Rect& a, const Rect& b) {
  auto right = std::min(std::int64_t{a.x} + a.width, std::int64_t{b.x} + b.width);
  auto bottom = std::min(std::int64_t{a.y} + a.height, std::int64_t{b.y} + b.height);
  int x = std::max(a.x, b.x), y = std::max(a.y, b.y);
  if (a.empty() || b.empty() || right <= x || bottom <= y) return {};
  return {x, y, static_cast<int>(right - x), static_cast<int>(bottom - y)};
}

/// The framebuffer as another process draws it.
/// INVARIANT: row y < height() lies within the mapping that it was made over.
class FrameView {
 public:
  /// No pixels at all: what there is before the first Geometry.
  FrameView() = default;

  /// A picture `offset` bytes into `mapping`, whose rows are `stride` bytes apart. The numbers come from the
  /// display's side and are checked; the mapping must stay while the view is used.
  [[nodiscard]] static Result<FrameView> over(ByteView mapping, std::size_t offset, std::size_t stride,
                                              int width, int height);

  int width() const { return width_; }
  int height() const { return height_; }
  const std::byte* row(int y) const { return pixels_ + static_cast<std::size_t>(y) * stride_; }

 private:
  const std::byte* pixels_ = nullptr;
  std::size_t stride_ = 0;  // bytes
  int width_ = 0;
  int height_ = 0;
};

/// Pixels in memory of our own, X byte zero, and where in the picture they belong.
struct PixelBlock {
  const std::uint32_t* pixels = nullptr;  // the one at (x, y)
  std::size_t stride = 0;                 // pixels from row to row
  Rect place;                             // in the picture

  const std::uint32_t* row(int y) const { return pixels + static_cast<std::size_t>(y) * stride; }
};

/// All of one colour. Quick for what is not. The block is not empty.
inline bool is_flat(const PixelBlock& block) {
  const std::uint32_t colour = *block.pixels;
  for (int y = 0; y < block.place.height; ++y) {
    const std::uint32_t* row = block.row(y);
    if (!std::all_of(row, row + block.place.width, [=](std::uint32_t pixel) { return pixel == colour; }))
      return false;
  }
  return true;
}

}  // namespace ts::codec
