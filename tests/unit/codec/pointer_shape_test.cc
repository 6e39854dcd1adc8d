#include "lib/codec/pointer_shape.h"

#include <freerdp/codec/color.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <vector>

#include "tests/unit/codec/images.h"

namespace ts::codec {
namespace {

// The largest pointers of RDP clients: any, those with large pointers, those with large pointer updates.
constexpr int kPointerLimit = 32, kPointerLimit96 = 96, kPointerLimit384 = 384;

std::vector<std::uint8_t> bytes_of(const Bytes& bytes) {
  auto* first = reinterpret_cast<const std::uint8_t*>(bytes.data());
  return {first, first + bytes.size()};
}

/// What FreeRDP makes of a pointer: A R G B, top-down.
std::vector<std::uint32_t> seen_by_freerdp(const PointerShape& shape) {
  std::vector<std::uint32_t> out(static_cast<std::size_t>(shape.width * shape.height));
  auto width = static_cast<UINT32>(shape.width), height = static_cast<UINT32>(shape.height);
  bool good = freerdp_image_copy_from_pointer_data(
      reinterpret_cast<BYTE*>(out.data()), PIXEL_FORMAT_BGRA32, width * 4, 0, 0, width, height,
      reinterpret_cast<const BYTE*>(shape.xor_mask.data()), static_cast<UINT32>(shape.xor_mask.size()),
      reinterpret_cast<const BYTE*>(shape.and_mask.data()), static_cast<UINT32>(shape.and_mask.size()),
      static_cast<UINT32>(shape.bits_per_pixel), nullptr);
  return good ? out : std::vector<std::uint32_t>{};
}

TEST(PointerShapeTest, MasksAtThirtyTwoBits) {
  // Upper row: opaque red, half green. Lower row: nothing, opaque white.
  std::vector<std::uint32_t> pixels = {0xffff0000, 0x80008000, 0x00000000, 0xffffffff};
  auto shape = make_pointer({2, 2, 1, 0, pixels}, 32, kPointerLimit);
  ASSERT_TRUE(shape);
  EXPECT_EQ(bytes_of(shape->xor_mask), (std::vector<std::uint8_t>{0, 0, 0, 0, 255, 255, 255, 255,  //
                                                                  0, 0, 255, 255, 0, 255, 0, 128}));
  EXPECT_EQ(bytes_of(shape->and_mask), (std::vector<std::uint8_t>{0x80, 0, 0, 0}));
  EXPECT_EQ(std::pair(shape->hot_x, shape->hot_y), std::pair(1, 0));
  EXPECT_FALSE(shape->hidden);
  EXPECT_EQ(seen_by_freerdp(*shape),
            (std::vector<std::uint32_t>{0xffff0000, 0x8000ff00, 0x00000000, 0xffffffff}));
}

TEST(PointerShapeTest, MasksAtTwentyFourBits) {
  std::vector<std::uint32_t> pixels = {0xffff0000, 0x7f007f00, 0x80800000};
  auto shape = make_pointer({3, 1, 0, 0, pixels}, 24, kPointerLimit);
  ASSERT_TRUE(shape);
  EXPECT_EQ(bytes_of(shape->xor_mask), (std::vector<std::uint8_t>{0, 0, 255, 0, 0, 0, 0, 0, 255, 0}));
  EXPECT_EQ(bytes_of(shape->and_mask), (std::vector<std::uint8_t>{0x40, 0}));
  EXPECT_EQ(seen_by_freerdp(*shape), (std::vector<std::uint32_t>{0xffff0000, 0, 0xffff0000}));
}

TEST(PointerShapeTest, ClearPixelsAreBlackAndSetInTheAndMaskOfAnyWidth) {
  for (int bits : {24, 32}) {
    for (int width : {1, 7, 8, 9, 15, 16, 17, 31, 32}) {
      // Every third pixel clear, shifted from row to row; some have colours all the same.
      std::vector<std::uint32_t> pixels, seen;
      constexpr int kHeight = 3;
      for (int i = 0; i < width * kHeight; ++i) {
        bool clear = (i % width + i / width) % 3 == 0;
        pixels.push_back(!clear ? 0xff102030 : i % 2 ? 0x00ffffff : bits == 24 ? 0x40404040 : 0);
        seen.push_back(clear ? 0 : 0xff102030);
      }
      auto shape = make_pointer({width, kHeight, 0, 0, pixels}, bits, kPointerLimit);
      ASSERT_TRUE(shape);
      const auto w = static_cast<std::size_t>(width);
      EXPECT_EQ(shape->xor_mask.size(), (w * (bits == 24 ? 3 : 4) + 1) / 2 * 2 * kHeight);
      EXPECT_EQ(shape->and_mask.size(), (w + 15) / 16 * 2 * kHeight);
      for (std::size_t y = 0; y < kHeight; ++y) {
        for (std::size_t x = 0; x < shape->and_mask.size() / kHeight * 8; ++x) {
          auto byte = std::to_integer<int>(shape->and_mask[(kHeight - 1 - y) * ((w + 15) / 16 * 2) + x / 8]);
          bool set = (byte & 0x80 >> x % 8) != 0;
          EXPECT_EQ(set, x < w && seen[y * w + x] == 0) << bits << ' ' << width << ' ' << x << ',' << y;
        }
      }
      EXPECT_EQ(seen_by_freerdp(*shape), seen) << bits << ' ' << width;
    }
  }
}

TEST(PointerShapeTest, TheHotSpotStaysOnItsPixelWhenScaled) {
  constexpr int kWidth = 96, kHeight = 64;
  for (int hot_x : {0, 31, 32, 60, 95, 500}) {
    for (int hot_y = 0; hot_y <= kHeight; ++hot_y) {
      // Nothing but the pixel under the hot spot.
      std::vector<std::uint32_t> pixels(kWidth * kHeight);
      int x = std::min(hot_x, kWidth - 1), y = std::min(hot_y, kHeight - 1);
      pixels[static_cast<std::size_t>(y * kWidth + x)] = 0xff0000ff;
      auto shape = make_pointer({kWidth, kHeight, hot_x, hot_y, pixels}, 32, kPointerLimit);
      ASSERT_TRUE(shape);
      ASSERT_EQ(std::pair(shape->width, shape->height), std::pair(32, 21));
      auto seen = seen_by_freerdp(*shape);
      EXPECT_EQ(seen.size() - 1, static_cast<std::size_t>(std::ranges::count(seen, 0u)));
      EXPECT_NE(seen[static_cast<std::size_t>(shape->hot_y * shape->width + shape->hot_x)], 0u)
          << hot_x << ',' << hot_y;
    }
  }
}

TEST(PointerShapeTest, FreerdpSeesEveryOpaqueSizeAsItIs) {
  for (int bits : {24, 32}) {
    for (int width = 1; width <= 32; ++width) {
      for (int height : {1, 2, 31, 32}) {
        testing::Image image = testing::noise(width, height, static_cast<std::uint64_t>(width));
        for (auto& pixel : image.pixels) pixel |= 0xff000000;
        auto shape = make_pointer({width, height, 0, 0, image.pixels}, bits, kPointerLimit);
        ASSERT_TRUE(shape);
        EXPECT_EQ(seen_by_freerdp(*shape), image.pixels) << bits << ' ' << width << 'x' << height;
      }
    }
  }
}

TEST(PointerShapeTest, LargeOnesAreScaledWithTheirHotspotInside) {
  for (auto [width, height] :
       {std::pair{33, 33}, {64, 64}, {100, 20}, {20, 100}, {384, 384}, {1, 384}, {97, 96}}) {
    std::vector<std::uint32_t> pixels(static_cast<std::size_t>(width * height), 0x80402010);
    for (int limit : {kPointerLimit, kPointerLimit96, kPointerLimit384}) {
      auto shape = make_pointer({width, height, width - 1, height - 1, pixels}, 32, limit);
      ASSERT_TRUE(shape);
      EXPECT_EQ(std::max(shape->width, shape->height), std::min(limit, std::max(width, height)));
      EXPECT_LE(std::abs(shape->width * height - shape->height * width), std::max(width, height));
      EXPECT_LT(shape->hot_x, shape->width);
      EXPECT_LT(shape->hot_y, shape->height);
      EXPECT_GE(shape->hot_x, shape->width * 9 / 10 - 1);
      // One colour stays that colour.
      for (std::uint32_t pixel : seen_by_freerdp(*shape)) ASSERT_EQ(pixel, 0x80804020u);
    }
  }
}

TEST(PointerShapeTest, WhatCannotBeSeenIsHidden) {
  std::vector<std::uint32_t> clear(16, 0), faint(16, 0x10101010);
  EXPECT_TRUE(make_pointer({4, 4, 0, 0, clear}, 32, kPointerLimit)->hidden);
  EXPECT_FALSE(make_pointer({4, 4, 0, 0, faint}, 32, kPointerLimit)->hidden);
  EXPECT_TRUE(make_pointer({4, 4, 0, 0, faint}, 24, kPointerLimit)->hidden);
  EXPECT_TRUE(make_pointer({0, 0, 0, 0, {}}, 32, kPointerLimit)->hidden);
}

TEST(PointerShapeTest, NumbersThatDoNotAgreeAreRefusedOrTamed) {
  std::vector<std::uint32_t> pixels(16, 0xff112233);
  constexpr int kMost = std::numeric_limits<int>::max();
  EXPECT_FALSE(make_pointer({4, 5, 0, 0, pixels}, 32, kPointerLimit));
  EXPECT_FALSE(make_pointer({-4, -4, 0, 0, pixels}, 32, kPointerLimit));
  EXPECT_FALSE(make_pointer({kMost, kMost, 0, 0, pixels}, 32, kPointerLimit));
  EXPECT_FALSE(make_pointer({4, 4, 0, 0, pixels}, 16, kPointerLimit));
  auto shape = make_pointer({4, 4, kMost, -kMost, pixels}, 32, kPointerLimit);
  ASSERT_TRUE(shape);
  EXPECT_EQ(std::pair(shape->hot_x, shape->hot_y), std::pair(3, 0));
  // Colours brighter than their alpha allows, as no honest cursor has.
  std::vector<std::uint32_t> bright = {0x01ffffff};
  EXPECT_EQ(bytes_of(make_pointer({1, 1, 0, 0, bright}, 32, kPointerLimit)->xor_mask),
            (std::vector<std::uint8_t>{255, 255, 255, 1}));
}

}  // namespace
}  // namespace ts::codec
