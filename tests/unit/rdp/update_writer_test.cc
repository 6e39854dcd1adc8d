// Bitmap and palette updates: packing, bands, fragments, the slow path.
#include <gtest/gtest.h>

#include "tests/unit/rdp/update_parser.h"

namespace ts::rdp {
namespace {

using test::hex;
using test::modern;
using test::parse;
using test::Update;

struct WireRect {
  std::uint16_t left, top, right, bottom, width, height, depth, flags;
  Bytes data;
};
std::vector<WireRect> rects(const Update& update) {
  ByteReader in(update.data);
  EXPECT_EQ(in.u16le(), 1);
  std::size_t count = in.u16le();
  std::vector<WireRect> out;
  for (std::size_t i = 0; i < count; ++i) {
    WireRect rect{};
    for (auto* field : {&rect.left, &rect.top, &rect.right, &rect.bottom, &rect.width, &rect.height,
                        &rect.depth, &rect.flags}) {
      *field = in.u16le();
    }
    std::size_t length = in.u16le();
    auto data = in.take(length);
    rect.data.assign(data.begin(), data.end());
    out.push_back(rect);
  }
  EXPECT_TRUE(in.ok() && in.at_end());
  return out;
}

Bytes pattern(std::size_t size) {
  Bytes out(size);
  for (std::size_t i = 0; i < size; ++i) out[i] = std::byte(i * 7 + i / 251);
  return out;
}

TEST(BitmapUpdate, BytesOfASmallRawRectangle) {
  Bytes pixels = hex("01 02 03 04");
  BitmapRect rect{
      .left = 5, .top = 6, .right = 7, .bottom = 6, .width = 4, .height = 1, .depth = 8, .data = pixels};
  Bytes out;
  ASSERT_TRUE(UpdateWriter(modern()).bitmaps({&rect, 1}, out).has_value());
  EXPECT_EQ(out, hex("00 80 20 01 1A00 0100 0100 0500 0600 0700 0600 0400 0100 0800 0000 0400 01 02 03 04"));
}

TEST(BitmapUpdate, CompressionHeaderOnlyForClientsThatWantIt) {
  Bytes packed = hex("AA BB CC");
  BitmapRect rect{
      .right = 3, .bottom = 1, .width = 4, .height = 2, .depth = 16, .compressed = true, .data = packed};
  Bytes out;
  ASSERT_TRUE(UpdateWriter(modern()).bitmaps({&rect, 1}, out).has_value());
  auto without = rects(parse(out)[0])[0];
  EXPECT_EQ(without.flags, 0x0401);
  EXPECT_EQ(without.data, packed);
  out.clear();
  auto old = modern();
  old.no_bitmap_compression_header = false;
  ASSERT_TRUE(UpdateWriter(old).bitmaps({&rect, 1}, out).has_value());
  auto with = rects(parse(out)[0])[0];
  EXPECT_EQ(with.flags, 0x0001);
  EXPECT_EQ(with.data, hex("0000 0300 0400 1000 AA BB CC"));
}

TEST(BitmapUpdate, PacksManyRectanglesAndLosesNone) {
  Bytes packed = pattern(1000);
  std::vector<BitmapRect> many;
  for (std::uint16_t i = 0; i < 100; ++i) {
    auto left = static_cast<std::uint16_t>(i * 16);
    many.push_back({.left = left,
                    .top = i,
                    .right = static_cast<std::uint16_t>(left + 15),
                    .bottom = i,
                    .width = 16,
                    .height = 1,
                    .depth = 32,
                    .compressed = true,
                    .data = packed});
  }
  Bytes out;
  ASSERT_TRUE(UpdateWriter(modern()).bitmaps(many, out).has_value());
  std::uint16_t next = 0;
  auto updates = parse(out);
  EXPECT_EQ(updates.size(), 7u);  // 16 of 1018 bytes in each
  for (const auto& update : updates) {
    EXPECT_EQ(update.pdus, 1u);
    for (const auto& rect : rects(update)) {
      EXPECT_EQ(rect.top, next++);
      EXPECT_EQ(rect.data, packed);
    }
  }
  EXPECT_EQ(next, 100);
}

// A raw tile of 64x64 in 32 bits is one byte over what a PDU can carry: it goes out in bands, the lowest rows
// first.
TEST(BitmapUpdate, RawTilesAreCutIntoBandsOfRows) {
  for (bool fast : {true, false}) {
    auto capabilities = modern();
    capabilities.fast_path_output = fast;
    Bytes pixels = pattern(64 * 200 * 4);
    BitmapRect tile{.left = 64,
                    .top = 100,
                    .right = 126,
                    .bottom = 299,
                    .width = 64,
                    .height = 200,
                    .depth = 32,
                    .data = pixels};
    Bytes out;
    ASSERT_TRUE(UpdateWriter(capabilities).bitmaps({&tile, 1}, out).has_value());
    Bytes joined;
    int bottom = 299;
    for (const auto& update : parse(out)) {
      EXPECT_EQ(update.code, fast ? 1 : 2);
      EXPECT_EQ(update.pdus, 1u);
      for (const auto& rect : rects(update)) {
        EXPECT_EQ(rect.bottom, bottom);
        EXPECT_EQ(rect.height, rect.bottom - rect.top + 1);
        EXPECT_EQ(rect.left, 64);
        EXPECT_EQ(rect.right, 126);
        EXPECT_EQ(rect.data.size(), rect.height * 256u);
        joined.insert(joined.end(), rect.data.begin(), rect.data.end());
        bottom = rect.top - 1;
      }
    }
    EXPECT_EQ(bottom, 99);
    EXPECT_EQ(joined, pixels);
  }
}

TEST(BitmapUpdate, LongCompressedDataIsFragmentedWithinTheClientsLimit) {
  auto capabilities = modern();
  capabilities.max_fragmented_update = 65535;
  UpdateWriter writer(capabilities);
  EXPECT_EQ(writer.max_compressed(), 65535u - 4 - 18 - 8);
  Bytes packed = pattern(writer.max_compressed());
  BitmapRect rect{.right = 127,
                  .bottom = 127,
                  .width = 128,
                  .height = 128,
                  .depth = 32,
                  .compressed = true,
                  .data = packed};
  Bytes out;
  ASSERT_TRUE(writer.bitmaps({&rect, 1}, out).has_value());
  auto updates = parse(out);
  ASSERT_EQ(updates.size(), 1u);
  EXPECT_EQ(updates[0].pdus, 5u);
  EXPECT_LE(updates[0].data.size(), 65535u);
  EXPECT_EQ(rects(updates[0])[0].data, packed);

  packed.push_back(std::byte{0});
  rect.data = packed;
  out.clear();
  EXPECT_FALSE(writer.bitmaps({&rect, 1}, out).has_value());
  EXPECT_TRUE(out.empty());
}

TEST(BitmapUpdate, WithoutFragmentsCompressedDataFitsOnePdu) {
  for (bool fast : {true, false}) {
    auto capabilities = modern();
    capabilities.fast_path_output = fast;
    capabilities.no_bitmap_compression_header = false;
    if (fast) capabilities.max_fragmented_update = 0;
    UpdateWriter writer(capabilities);
    Bytes packed = pattern(writer.max_compressed());
    BitmapRect rect{.right = 63,
                    .bottom = 63,
                    .width = 64,
                    .height = 64,
                    .depth = 32,
                    .compressed = true,
                    .data = packed};
    Bytes out;
    ASSERT_TRUE(writer.bitmaps({&rect, 1}, out).has_value());
    EXPECT_EQ(parse(out).size(), 1u);
    EXPECT_EQ(*pdu_size(out), out.size());
  }
}

TEST(BitmapUpdate, RefusesNumbersThatDisagree) {
  Bytes pixels(64 * 64 * 4);
  BitmapRect good{.right = 63, .bottom = 63, .width = 64, .height = 64, .depth = 32, .data = pixels};
  Bytes out;
  UpdateWriter writer(modern());
  for (auto change : std::vector<void (*)(BitmapRect&)>{
           [](BitmapRect& rect) { rect.width = 62; }, [](BitmapRect& rect) { rect.right = 64; },
           [](BitmapRect& rect) { rect.bottom = 62; }, [](BitmapRect& rect) { rect.depth = 12; },
           [](BitmapRect& rect) { rect.depth = 24; }, [](BitmapRect& rect) { rect.left = 65; },
           [](BitmapRect& rect) { rect.data = rect.data.first(5); }}) {
    BitmapRect bad = good;
    change(bad);
    EXPECT_FALSE(writer.bitmaps({&bad, 1}, out).has_value());
    EXPECT_TRUE(out.empty());
  }
  Bytes wide(8000 * 4);
  BitmapRect row{.right = 7999, .width = 8000, .height = 1, .depth = 32, .data = wide};
  EXPECT_FALSE(writer.bitmaps({&row, 1}, out).has_value());
}

TEST(PaletteUpdate, BothPaths) {
  std::array<PaletteEntry, 256> colors{};
  colors[1] = {1, 2, 3};
  for (bool fast : {true, false}) {
    auto capabilities = modern();
    capabilities.fast_path_output = fast;
    Bytes out;
    UpdateWriter(capabilities).palette(colors, out);
    auto update = parse(out)[0];
    EXPECT_EQ(update.code, 2);
    EXPECT_EQ(update.data.size(), 8u + 768u);
    EXPECT_EQ(Bytes(update.data.begin(), update.data.begin() + 14), hex("0200 0000 00010000 000000 010203"));
  }
}

}  // namespace
}  // namespace ts::rdp
