// Pictures as PNG files, read back by libpng.
#include "lib/codec/png.h"

#include <png.h>

#include "lib/codec/received_picture.h"
#include "tests/unit/codec/images.h"

#include <gtest/gtest.h>

namespace ts::codec {
namespace {

struct Read {
  unsigned width = 0, height = 0;
  std::vector<png_byte> rgb;
};

Read read_png(const Bytes& file) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  EXPECT_NE(png_image_begin_read_from_memory(&image, file.data(), file.size()), 0) << image.message;
  EXPECT_EQ(image.format & PNG_FORMAT_FLAG_ALPHA, 0u);
  image.format = PNG_FORMAT_RGB;
  Read out{image.width, image.height, std::vector<png_byte>(PNG_IMAGE_SIZE(image))};
  EXPECT_NE(png_image_finish_read(&image, nullptr, out.rgb.data(), 0, nullptr), 0) << image.message;
  return out;
}

TEST(Png, HoldsThePixelsOfAReceivedPicture) {
  ReceivedPicture picture;
  EXPECT_FALSE(picture.view());
  ASSERT_TRUE(picture.reset(2, 1));
  Bytes data{std::byte{3}, std::byte{2}, std::byte{1}, std::byte{0},
             std::byte{6}, std::byte{5}, std::byte{4}, std::byte{0}};
  ASSERT_TRUE(picture.paint({.right = 1, .width = 2, .height = 1, .bits_per_pixel = 32, .data = data}));
  auto file = encode_png(picture.view().value());
  ASSERT_TRUE(file) << file.error().message;
  EXPECT_EQ(read_png(*file).rgb, (std::vector<png_byte>{1, 2, 3, 4, 5, 6}));
}

TEST(Png, ReadsRowsWhereverTheyStandAndNoPixelsLastByte) {
  const auto image = testing::noise(37, 11, 7);
  constexpr std::size_t kOffset = 5, kStride = 37 * 4 + 3;
  Bytes mapping(kOffset + kStride * 10 + 37 * 4, std::byte{0xee});
  for (int y = 0; y < image.height; ++y)
    for (int x = 0; x < image.width; ++x) {
      std::uint32_t pixel = image.at(x, y) | 0xa5000000;
      std::memcpy(
          mapping.data() + kOffset + kStride * static_cast<std::size_t>(y) + static_cast<std::size_t>(x) * 4,
          &pixel, sizeof pixel);
    }
  auto file = encode_png(FrameView::over(mapping, kOffset, kStride, 37, 11).value());
  ASSERT_TRUE(file) << file.error().message;
  Read read = read_png(*file);
  EXPECT_EQ(read.width, 37u);
  EXPECT_EQ(read.height, 11u);
  std::vector<png_byte> expected;
  for (auto pixel : image.pixels)
    for (int shift : {16, 8, 0}) expected.push_back(static_cast<png_byte>(pixel >> shift));
  EXPECT_EQ(read.rgb, expected);
}

TEST(Png, NoPictureIsNone) {
  EXPECT_FALSE(encode_png(FrameView()));
}

}  // namespace
}  // namespace ts::codec
