// Pointer updates: forms, sizes, the slow path.
#include <gtest/gtest.h>

#include <algorithm>
#include <tuple>

#include "tests/unit/rdp/update_parser.h"

namespace ts::rdp {
namespace {

using test::hex;
using test::modern;
using test::parse;

/// Masks of the right lengths, every byte different from its neighbours.
struct Shape {
  Shape(std::uint16_t width, std::uint16_t height, std::uint16_t bits)
      : xor_mask(pattern((width * (bits / 8u) + 1) / 2 * 2 * height)),
        and_mask(pattern((width + 15u) / 16 * 2 * height)),
        masks{.width = width,
              .height = height,
              .hot_x = static_cast<std::uint16_t>(width - 1),
              .bits_per_pixel = bits,
              .xor_mask = xor_mask,
              .and_mask = and_mask} {}
  Shape(const Shape&) = delete;  // masks point into it
  Shape& operator=(const Shape&) = delete;

  static Bytes pattern(std::size_t size) {
    Bytes out(size);
    for (std::size_t i = 0; i < size; ++i) out[i] = std::byte(i * 7 + i / 251);
    return out;
  }

  Bytes xor_mask, and_mask;
  PointerMasks masks;
};

TEST(PointerUpdate, NewPointerOfTwoPixels) {
  Bytes picture = hex("33 22 11 FF 00 00 00 01  00 40 80 80 00 00 00 00"), mask = hex("00 00 40 00");
  Bytes out;
  ASSERT_TRUE(UpdateWriter(modern()).pointer_shape({2, 2, 1, 0, 32, picture, mask}, 3, out).has_value());
  auto update = parse(out)[0];
  EXPECT_EQ(update.code, 0xB);
  // Depth 32, slot 3, hot spot 1,0, size 2x2, AND of 4 bytes, XOR of 16.
  EXPECT_EQ(update.data, hex("2000 0300 0100 0000 0200 0200 0400 1000"
                             "33 22 11 FF 00 00 00 01  00 40 80 80 00 00 00 00"
                             "00 00 40 00"));
}

TEST(PointerUpdate, ColorPointerForClientsThatKnowNoOther) {
  auto capabilities = modern();
  capabilities.pointer_cache = 0;
  UpdateWriter writer(capabilities);
  EXPECT_EQ(writer.pointer_limits().bits_per_pixel, 24);
  Bytes picture = hex("33 22 11 00 00 00 00 00 00 00"), mask = hex("40 00");
  Bytes out;
  ASSERT_TRUE(writer.pointer_shape({3, 1, 2, 0, 24, picture, mask}, 0, out).has_value());
  auto update = parse(out)[0];
  EXPECT_EQ(update.code, 9);
  EXPECT_EQ(update.data, hex("0000 0200 0000 0300 0100 0200 0A00 33 22 11 00 00 00 00 00 00 00 40 00"));
}

TEST(PointerUpdate, SizeFollowsWhatTheClientShows) {
  struct Case {
    bool fast, fresh, p96, p384;
    std::uint32_t fragments;
    std::uint16_t largest;
    int code;
  };
  for (auto c :
       {Case{true, true, true, true, 608299, 384, 0xC}, Case{true, true, false, true, 608299, 384, 0xC},
        Case{true, true, true, false, 65535, 96, 0xB}, Case{true, true, false, false, 65535, 32, 0xB},
        Case{true, true, true, true, 65535, 96, 0xB}, Case{true, true, true, true, 0, 32, 0xB},
        Case{false, true, true, true, 608299, 32, 0x1B}, Case{true, false, true, true, 608299, 96, 0x9},
        Case{true, false, false, false, 608299, 32, 0x9}, Case{false, false, true, true, 608299, 32, 0x1B}}) {
    auto capabilities = modern();
    capabilities.fast_path_output = c.fast;
    if (!c.fresh) capabilities.pointer_cache = 0;
    capabilities.pointer_96 = c.p96;
    capabilities.pointer_384 = c.p384;
    capabilities.max_fragmented_update = c.fragments;
    UpdateWriter writer(capabilities);
    auto limits = writer.pointer_limits();
    EXPECT_EQ(limits.bits_per_pixel, c.fresh ? 32 : 24);
    ASSERT_EQ(limits.largest, c.largest);
    Shape shape(c.largest, c.largest, limits.bits_per_pixel);
    Bytes out;
    ASSERT_TRUE(writer.pointer_shape(shape.masks, 0, out).has_value());
    auto updates = parse(out);
    ASSERT_EQ(updates.size(), 1u);
    EXPECT_EQ(updates[0].code, c.code);
    ByteReader in(updates[0].data);
    in.skip((c.fast ? 0 : 4) + (c.fresh ? 2 : 0) + 2 + 4);
    EXPECT_EQ(in.u16le(), c.largest);
    EXPECT_EQ(in.u16le(), c.largest);
    std::size_t mask = c.code == 0xC ? in.u32le() : in.u16le();
    std::size_t picture = c.code == 0xC ? in.u32le() : in.u16le();
    EXPECT_TRUE(std::ranges::equal(in.take(picture), shape.xor_mask));
    EXPECT_TRUE(std::ranges::equal(in.take(mask), shape.and_mask));
    EXPECT_TRUE(in.ok() && in.at_end());

    auto one_more = static_cast<std::uint16_t>(c.largest + 1);
    Shape wider(one_more, 1, limits.bits_per_pixel), higher(1, one_more, limits.bits_per_pixel);
    out.clear();
    EXPECT_FALSE(writer.pointer_shape(wider.masks, 0, out).has_value());
    EXPECT_FALSE(writer.pointer_shape(higher.masks, 0, out).has_value());
    EXPECT_TRUE(out.empty());
  }
}

TEST(PointerUpdate, LargeFormOnlyForWhatNeedsIt) {
  for (auto [width, height, code] : {std::tuple{96, 96, 0xB}, {97, 1, 0xC}, {1, 97, 0xC}, {33, 5, 0xB}}) {
    Shape shape(static_cast<std::uint16_t>(width), static_cast<std::uint16_t>(height), 32);
    Bytes out;
    ASSERT_TRUE(UpdateWriter(modern()).pointer_shape(shape.masks, 0, out).has_value());
    EXPECT_EQ(parse(out)[0].code, code) << width << 'x' << height;
  }
}

// FreeRDP hangs up when these disagree.
TEST(PointerUpdate, RefusesNumbersThatDisagree) {
  auto color = modern();
  color.pointer_cache = 0;
  for (const auto& capabilities : {modern(), color}) {
    UpdateWriter writer(capabilities);
    auto bits = writer.pointer_limits().bits_per_pixel;
    Shape shape(17, 9, bits);
    Bytes more_xor = shape.xor_mask, more_and = shape.and_mask;
    more_xor.push_back({});
    more_and.push_back({});
    Bytes out;
    auto refused = [&](auto change) {
      PointerMasks masks = shape.masks;
      change(masks);
      return !writer.pointer_shape(masks, 0, out).has_value() && out.empty();
    };
    EXPECT_TRUE(refused([&](auto& masks) { masks.xor_mask = more_xor; }));
    EXPECT_TRUE(refused([&](auto& masks) { masks.and_mask = more_and; }));
    EXPECT_TRUE(
        refused([&](auto& masks) { masks.xor_mask = masks.xor_mask.first(masks.xor_mask.size() - 1); }));
    EXPECT_TRUE(
        refused([&](auto& masks) { masks.and_mask = masks.and_mask.first(masks.and_mask.size() - 1); }));
    EXPECT_TRUE(refused([&](auto& masks) { masks.width = 16; }));
    EXPECT_TRUE(refused([&](auto& masks) { masks.height = 8; }));
    EXPECT_TRUE(refused([&](auto& masks) { masks.hot_x = 17; }));
    EXPECT_TRUE(refused([&](auto& masks) { masks.hot_y = 9; }));
    EXPECT_TRUE(refused([&](auto& masks) { masks.bits_per_pixel = bits == 24 ? 32 : 24; }));
    EXPECT_TRUE(refused([&](auto& masks) { masks = PointerMasks{.bits_per_pixel = bits}; }));
    Shape other_depth(17, 9, bits == 24 ? 32 : 24);
    EXPECT_FALSE(writer.pointer_shape(other_depth.masks, 0, out).has_value());
    EXPECT_TRUE(out.empty());
    EXPECT_FALSE(refused([](auto&) {}));
  }
}

TEST(PointerUpdate, SystemCachedAndPosition) {
  UpdateWriter fast(modern());
  Bytes out;
  fast.hide_pointer(out);
  fast.default_pointer(out);
  fast.cached_pointer(7, out);
  fast.move_pointer(300, 2, out);
  EXPECT_EQ(out,
            hex("00 80 06 05 0000  00 80 06 06 0000  00 80 08 0A 0200 0700  00 80 0A 08 0400 2C01 0200"));
  auto capabilities = modern();
  capabilities.fast_path_output = false;
  UpdateWriter slow(capabilities);
  out.clear();
  slow.hide_pointer(out);
  slow.default_pointer(out);
  slow.cached_pointer(7, out);
  slow.move_pointer(300, 2, out);
  auto updates = parse(out);
  ASSERT_EQ(updates.size(), 4u);
  for (const auto& update : updates) EXPECT_EQ(update.code, 0x1B);
  EXPECT_EQ(updates[0].data, hex("0100 0000 00000000"));
  EXPECT_EQ(updates[1].data, hex("0100 0000 007F0000"));
  EXPECT_EQ(updates[2].data, hex("0700 0000 0700"));
  EXPECT_EQ(updates[3].data, hex("0300 0000 2C01 0200"));
}

TEST(PointerUpdate, SlotsAreThoseOfTheClientWithinOurs) {
  auto capabilities = modern();
  capabilities.pointer_cache = 5;
  UpdateWriter writer(capabilities);
  EXPECT_EQ(writer.pointer_slots(), 5);
  Shape shape(2, 2, 32);
  Bytes out;
  EXPECT_FALSE(writer.pointer_shape(shape.masks, 5, out).has_value());
  EXPECT_TRUE(out.empty());
  EXPECT_TRUE(writer.pointer_shape(shape.masks, 4, out).has_value());
  capabilities.pointer_cache = 1000;
  EXPECT_EQ(UpdateWriter(capabilities).pointer_slots(), 20);
}

}  // namespace
}  // namespace ts::rdp
