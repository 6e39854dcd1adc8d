#include "lib/codec/pointer_shape.h"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace ts::codec {
namespace {

constexpr int kMaxCursorSize = 4096;  // what is read at all, pixels each way

struct Argb {
  std::uint32_t alpha = 0, red = 0, green = 0, blue = 0;
};

Argb parts_of(std::uint32_t pixel) {
  return {pixel >> 24, pixel >> 16 & 0xff, pixel >> 8 & 0xff, pixel & 0xff};
}

/// The mean of the source pixels that fall into each pixel of a smaller size; premultiplied, so that colours
/// of pixels not seen do not bleed in.
std::vector<std::uint32_t> scale_down(const CursorImage& image, int width, int height) {
  std::vector<std::uint32_t> scaled;
  scaled.reserve(static_cast<std::size_t>(width) * static_cast<std::size_t>(height));
  for (int y = 0; y < height; ++y) {
    int top = y * image.height / height, bottom = std::max(top + 1, (y + 1) * image.height / height);
    for (int x = 0; x < width; ++x) {
      int left = x * image.width / width, right = std::max(left + 1, (x + 1) * image.width / width);
      Argb sum;
      for (int from_y = top; from_y < bottom; ++from_y) {
        for (int from_x = left; from_x < right; ++from_x) {
          Argb next = parts_of(image.pixels[static_cast<std::size_t>(from_y * image.width + from_x)]);
          sum.alpha += next.alpha, sum.red += next.red, sum.green += next.green, sum.blue += next.blue;
        }
      }
      auto count = static_cast<std::uint32_t>((bottom - top) * (right - left));
      auto mean = [count](std::uint32_t total) { return (total + count / 2) / count; };
      scaled.push_back(mean(sum.alpha) << 24 | mean(sum.red) << 16 | mean(sum.green) << 8 | mean(sum.blue));
    }
  }
  return scaled;
}

/// Which of `to` pixels has the pixel `at` of `from` in its mean; a place outside counts as the edge.
int scaled_place(int at, int from, int to) {
  return ((std::clamp(at, 0, from - 1) + 1) * to - 1) / from;
}

std::byte straight(std::uint32_t premultiplied, std::uint32_t alpha) {
  return static_cast<std::byte>(std::min(255u, (premultiplied * 255 + alpha / 2) / alpha));
}

void put_pixel(PointerShape& shape, std::uint32_t pixel, std::size_t xor_at, std::size_t and_at, int x) {
  Argb parts = parts_of(pixel);
  // Without an alpha channel a pixel is there or it is not.
  bool clear = shape.bits_per_pixel == 32 ? parts.alpha == 0 : parts.alpha < 128;
  if (clear) {
    shape.and_mask[and_at + static_cast<std::size_t>(x / 8)] |= static_cast<std::byte>(0x80 >> x % 8);
    return;
  }
  shape.hidden = false;
  shape.xor_mask[xor_at] = straight(parts.blue, parts.alpha);
  shape.xor_mask[xor_at + 1] = straight(parts.green, parts.alpha);
  shape.xor_mask[xor_at + 2] = straight(parts.red, parts.alpha);
  if (shape.bits_per_pixel == 32) shape.xor_mask[xor_at + 3] = static_cast<std::byte>(parts.alpha);
}

}  // namespace

Result<PointerShape> make_pointer(const CursorImage& image, int bits_per_pixel, int limit) {
  if (bits_per_pixel != 24 && bits_per_pixel != 32) {
    return fail(ErrorCode::kInternal, "pointers have 24 or 32 bits per pixel, not '{}'", bits_per_pixel);
  }
  if (image.width < 0 || image.height < 0 || image.width > kMaxCursorSize || image.height > kMaxCursorSize ||
      image.pixels.size() != static_cast<std::size_t>(image.width) * static_cast<std::size_t>(image.height)) {
    return fail(ErrorCode::kMalformed, "a cursor of '{}x{}' does not have '{}' pixels", image.width,
                image.height, image.pixels.size());
  }
  PointerShape shape;
  shape.bits_per_pixel = bits_per_pixel;
  if (image.pixels.empty() || limit <= 0) return shape;

  const int largest = std::max(image.width, image.height), most = std::min(limit, largest);
  shape.width = std::max(1, image.width * most / largest);
  shape.height = std::max(1, image.height * most / largest);
  shape.hot_x = scaled_place(image.hot_x, image.width, shape.width);
  shape.hot_y = scaled_place(image.hot_y, image.height, shape.height);
  std::vector<std::uint32_t> scaled;
  std::span<const std::uint32_t> pixels = image.pixels;
  if (most < largest) pixels = scaled = scale_down(image, shape.width, shape.height);

  const auto width = static_cast<std::size_t>(shape.width), height = static_cast<std::size_t>(shape.height);
  const auto pixel_bytes = static_cast<std::size_t>(bits_per_pixel / 8);
  const std::size_t xor_row = (width * pixel_bytes + 1) / 2 * 2, and_row = (width + 15) / 16 * 2;
  shape.xor_mask.resize(xor_row * height);
  shape.and_mask.resize(and_row * height);
  for (std::size_t y = 0; y < height; ++y) {
    std::size_t from_bottom = height - 1 - y;
    for (std::size_t x = 0; x < width; ++x) {
      put_pixel(shape, pixels[y * width + x], from_bottom * xor_row + x * pixel_bytes, from_bottom * and_row,
                static_cast<int>(x));
    }
  }
  return shape;
}

}  // namespace ts::codec
