#include "lib/codec/received_picture.h"

#include <algorithm>
#include <cstring>

#include "lib/codec/interleaved_decoder.h"
#include "lib/codec/planar_decoder.h"

namespace ts::codec {
namespace {

std::uint32_t spread(std::uint32_t value, int bits) {
  return value << (8 - bits) | value >> (2 * bits - 8);
}

std::uint32_t to_rgb(std::uint32_t value, int depth, const Palette& palette) {
  switch (depth) {
    case 8: {
      const auto& color = palette[value & 0xFF];
      return std::uint32_t{color.red} << 16 | std::uint32_t{color.green} << 8 | color.blue;
    }
    case 15:
      return spread(value >> 10 & 0x1F, 5) << 16 | spread(value >> 5 & 0x1F, 5) << 8 |
             spread(value & 0x1F, 5);
    case 16:
      return spread(value >> 11 & 0x1F, 5) << 16 | spread(value >> 5 & 0x3F, 6) << 8 |
             spread(value & 0x1F, 5);
    default:
      return value & 0x00FFFFFF;
  }
}

/// Raw rows, which servers may pad to four bytes.
Result<> take_raw(const EncodedRect& rect, std::span<std::uint32_t> pixels) {
  const auto row = static_cast<std::size_t>(rect.row_bytes()), rows = static_cast<std::size_t>(rect.height);
  std::size_t stride = row;
  if (rect.data.size() != row * rows) stride = (row + 3) / 4 * 4;
  if (rect.data.size() != stride * rows)
    return fail(ErrorCode::kMalformed, "raw bitmap of {}x{} at {} bits has {} bytes", rect.width, rect.height,
                rect.bits_per_pixel, rect.data.size());
  const std::size_t bytes = row / static_cast<std::size_t>(rect.width);
  std::size_t at = 0;
  for (std::size_t y = 0; y < rows; ++y) {
    ByteReader in(rect.data.subspan(y * stride, row));
    for (int x = 0; x < rect.width; ++x) {
      std::uint32_t value = 0;
      for (std::size_t i = 0; i < bytes; ++i) value |= std::uint32_t{in.u8()} << 8 * i;
      pixels[at++] = value;
    }
  }
  return {};
}

}  // namespace

Result<std::vector<std::uint32_t>> decode_bitmap(const EncodedRect& rect, const Palette& palette) {
  const int depth = rect.bits_per_pixel;
  bool known = depth == 8 || depth == 15 || depth == 16 || depth == 24 || depth == 32;
  if (!known || rect.width <= 0 || rect.height <= 0 ||
      static_cast<std::size_t>(rect.width) > kMaxReceivedBitmap / static_cast<std::size_t>(rect.height)) {
    return fail(ErrorCode::kMalformed, "bitmap of {}x{} at {} bits", rect.width, rect.height, depth);
  }
  const auto width = static_cast<std::size_t>(rect.width), height = static_cast<std::size_t>(rect.height);
  std::vector<std::uint32_t> pixels(width * height);
  if (!rect.compressed) {
    TS_TRY(take_raw(rect, pixels));
  } else if (depth == 32) {
    TS_TRY(decode_planar(rect.data, rect.width, pixels));
  } else {
    TS_TRY(decode_interleaved(rect.data, depth, rect.width, pixels));
  }
  for (auto& pixel : pixels) pixel = to_rgb(pixel, depth, palette);
  for (std::size_t top = 0, bottom = height - 1; top < bottom; ++top, --bottom) {
    auto row = pixels.begin() + static_cast<std::ptrdiff_t>(top * width);
    std::swap_ranges(row, row + rect.width, pixels.begin() + static_cast<std::ptrdiff_t>(bottom * width));
  }
  return pixels;
}

Result<> ReceivedPicture::reset(int width, int height) {
  if (width <= 0 || height <= 0 ||
      static_cast<std::size_t>(width) > kMaxReceivedPixels / static_cast<std::size_t>(height)) {
    return fail(ErrorCode::kMalformed, "a desktop of {}x{} pixels", width, height);
  }
  width_ = width;
  height_ = height;
  pixels_.assign(static_cast<std::size_t>(width) * static_cast<std::size_t>(height), 0);
  return {};
}

Result<> ReceivedPicture::paint(const EncodedRect& rect) {
  TS_TRY_ASSIGN(auto pixels, decode_bitmap(rect, palette_));
  Rect bitmap{rect.left, rect.top, rect.width, rect.height};
  Rect shown{rect.left, rect.top, rect.right - rect.left + 1, rect.bottom - rect.top + 1};
  shown = intersect(intersect(shown, bitmap), {0, 0, width_, height_});
  for (int y = shown.y; y < shown.y + shown.height; ++y) {
    auto from = static_cast<std::size_t>(y - rect.top) * static_cast<std::size_t>(rect.width) +
                static_cast<std::size_t>(shown.x - rect.left);
    auto to =
        static_cast<std::size_t>(y) * static_cast<std::size_t>(width_) + static_cast<std::size_t>(shown.x);
    std::memcpy(&pixels_[to], &pixels[from], static_cast<std::size_t>(shown.width) * sizeof pixels[0]);
  }
  return {};
}

}  // namespace ts::codec
