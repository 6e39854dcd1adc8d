#include "lib/codec/bitmap_encoder.h"

#include <gtest/gtest.h>

#include "tests/unit/codec/images.h"

namespace ts::codec {
namespace {

using namespace testing;

constexpr Depth kDepths[] = {Depth::k8, Depth::k15, Depth::k16, Depth::k24, Depth::k32};

class BitmapEncoderTest : public ::testing::TestWithParam<Depth> {
 protected:
  /// Encodes and has it painted; the client says what came of it.
  Client painted(const Image& image, BitmapEncoder& encoder) {
    Client client(GetParam(), image.width, image.height);
    encoder.encode(image.block(), client);
    return client;
  }
  BitmapEncoder encoder_{{.depth = GetParam()}};
};

INSTANTIATE_TEST_SUITE_P(Depths, BitmapEncoderTest, ::testing::ValuesIn(kDepths),
                         [](const auto& info) { return std::to_string(static_cast<int>(info.param)); });

TEST_P(BitmapEncoderTest, EveryKindOfPictureIsPaintedExactly) {
  for (auto [width, height] : {std::pair{64, 64}, {200, 130}, {61, 37}}) {
    for (const auto& [name, image] : all_kinds(width, height, 7)) {
      EXPECT_EQ(painted(image, encoder_).difference(image), "") << name << ' ' << width << 'x' << height;
    }
  }
}

TEST_P(BitmapEncoderTest, EverySizeIsPaintedExactly) {
  for (int width = 1; width <= 70; ++width) {
    for (int height : {1, 2, 3, 17, 64, 65}) {
      for (const auto& [name, image] :
           all_kinds(width, height, static_cast<std::uint64_t>(width * 100 + height))) {
        ASSERT_EQ(painted(image, encoder_).difference(image), "") << name << ' ' << width << 'x' << height;
        Image turned = mixture(height, width, static_cast<std::uint64_t>(width));
        ASSERT_EQ(painted(turned, encoder_).difference(turned), "") << name << ' ' << height << 'x' << width;
      }
    }
  }
}

TEST_P(BitmapEncoderTest, OneColourIsOneRectangleHoweverWide) {
  for (std::uint32_t colour : {0u, 0xffffffu, 0x336699u, 0x00ff00u}) {
    for (auto [width, height] : {std::pair{65, 1}, {128, 64}, {1001, 64}, {1280, 37}, {2048, 64}}) {
      Image image(width, height, colour);
      Client client = painted(image, encoder_);
      EXPECT_EQ(client.difference(image), "") << colour << ' ' << width << 'x' << height;
      EXPECT_EQ(client.rects, 1) << colour << ' ' << width << 'x' << height;
    }
    Image wider(2200, 70, colour);
    EXPECT_EQ(painted(wider, encoder_).difference(wider), "") << colour;
  }
  Image card(700, 130, 0x336699);
  for (int x = 300; x < 400; ++x) card.at(x, 60) = card.at(x, 70) = 0xffffff;
  EXPECT_EQ(painted(card, encoder_).difference(card), "");
}

TEST_P(BitmapEncoderTest, ThousandsOfMixturesArePaintedExactly) {
  Random random(42);
  for (std::uint64_t seed = 0; seed < 4000; ++seed) {
    Image image = mixture(1 + random.below(64), 1 + random.below(20), seed);
    ASSERT_EQ(painted(image, encoder_).difference(image), "") << "seed " << seed;
  }
}

TEST_P(BitmapEncoderTest, RawIsPaintedExactlyWhereCompressionIsOff) {
  BitmapEncoder raw({.depth = GetParam(), .compress = false});
  for (int width : {1, 3, 4, 63, 64, 150}) {
    for (int height : {1, 61, 62, 64, 100}) {
      Image image = noise(width, height, 3);
      Client client = painted(image, raw);
      EXPECT_EQ(client.difference(image), "") << width << 'x' << height;
      EXPECT_EQ(client.raw_rects, client.rects);
    }
  }
}

TEST_P(BitmapEncoderTest, WhatCannotBeCompressedIsSentRaw) {
  Image image = noise(4, 1, 5);
  Client client = painted(image, encoder_);
  EXPECT_EQ(client.difference(image), "");
  EXPECT_EQ(client.raw_rects, 1);
}

TEST_P(BitmapEncoderTest, CompressionIsWorthIt) {
  // Bytes for 64 x 64 pixels. A solid tile needs an order below 32 bits, 2 bytes a row and plane at 32.
  std::size_t pixel_bytes = (static_cast<std::size_t>(GetParam()) + 7) / 8, raw = 64 * 64 * pixel_bytes;
  std::size_t solid = GetParam() == Depth::k32 ? 530 : 16;
  EXPECT_LE(painted(Image(64, 64, 0x336699), encoder_).bytes, solid);
  EXPECT_LE(painted(text(64, 64, 1), encoder_).bytes,
            GetParam() == Depth::k32 ? raw / 6 : raw / pixel_bytes / 4);
  EXPECT_LE(painted(dither(64, 64, 0x112233, 0xccddee), encoder_).bytes, raw / 2);
}

TEST_P(BitmapEncoderTest, BlocksGoWhereTheyBelong) {
  Image image = photo(100, 90, 1);
  Client client(GetParam(), 100, 90);
  // Four blocks of which one is a single pixel column; the rest of the picture lies between and around their
  // rows.
  for (Rect rect : {Rect{0, 0, 99, 80}, {99, 0, 1, 80}, {0, 80, 50, 10}, {50, 80, 50, 10}}) {
    PixelBlock block = image.block();
    encoder_.encode({block.row(rect.y) + rect.x, block.stride, rect}, client);
  }
  EXPECT_EQ(client.difference(image), "");
}

TEST_P(BitmapEncoderTest, InsignificantBitsMakeNoDifference) {
  std::uint32_t bits = BitmapEncoder::significant_bits(GetParam());
  Random random(9);
  for (int i = 0; i < 10000; ++i) {
    std::uint32_t pixel = random.next() & 0xffffff;
    EXPECT_EQ(shown_at(GetParam(), pixel), shown_at(GetParam(), pixel & bits));
  }
}

TEST_P(BitmapEncoderTest, EmptyBlocksGiveNothing) {
  Client client(GetParam(), 10, 10);
  encoder_.encode({nullptr, 0, {3, 3, 0, 5}}, client);
  encoder_.encode({nullptr, 0, {3, 3, 5, 0}}, client);
  EXPECT_EQ(client.rects, 0);
}

/// Keeps what the encoder gave.
struct Kept : EncodedSink {
  void put(const EncodedRect& rect) override { data.assign(rect.data.begin(), rect.data.end()); }
  Bytes data;
};

Bytes bytes(std::initializer_list<int> values) {
  Bytes out;
  for (int value : values) out.push_back(static_cast<std::byte>(value));
  return out;
}

/// Walks over planes as rdesktop does: the header is exactly 0x10, and the last plane ends with the data.
bool ends_exactly(ByteView data, int planes, int width, int height) {
  ByteReader reader(data.subspan(1));
  for (int row = 0; row < planes * height; ++row) {
    for (int x = 0; x < width;) {
      int control = reader.u8(), raw = control >> 4, run = control & 15;
      if (run == 1 || run == 2) {
        run = run * 16 + raw;
        raw = 0;
      }
      reader.skip(static_cast<std::size_t>(raw));
      x += raw + run;
      if (reader.failed() || raw + run == 0 || x > width) return false;
    }
  }
  return reader.ok() && reader.at_end();
}

TEST(PlanarTest, RdesktopFindsTheHeaderAndTheEndItInsistsOn) {
  BitmapEncoder encoder({.depth = Depth::k32});
  for (const auto& [name, image] : all_kinds(64, 64, 11)) {
    Kept kept;
    encoder.encode(image.block(), kept);
    EXPECT_EQ(kept.data[0], std::byte{0x10}) << name;
    EXPECT_TRUE(ends_exactly(kept.data, 4, 64, 64)) << name;
  }
}

TEST(PlanarTest, AlphaIsLeftOutOnRequest) {
  BitmapEncoder encoder({.depth = Depth::k32, .skip_alpha = true});
  for (const auto& [name, image] : all_kinds(64, 64, 12)) {
    Kept kept;
    encoder.encode(image.block(), kept);
    EXPECT_EQ(kept.data[0], std::byte{0x30}) << name;
    EXPECT_TRUE(ends_exactly(kept.data, 3, 64, 64)) << name;
    Client client(Depth::k32, 64, 64);
    encoder.encode(image.block(), client);
    EXPECT_EQ(client.difference(image), "") << name;
  }
}

TEST(PlanarTest, KnownBytes) {
  BitmapEncoder encoder({.depth = Depth::k32});
  Image image(8, 2, 0x0a0b0c);
  for (int x = 0; x < 8; ++x) image.at(x, 0) = 0x090c0c;  // the upper row: red one less, green one more
  Kept kept;
  encoder.encode(image.block(), kept);
  EXPECT_EQ(kept.data, bytes({0x10, 0x17, 0xff, 0x08,  // alpha
                              0x17, 0x0a, 0x17, 0x01,  // red, -1
                              0x17, 0x0b, 0x17, 0x02,  // green, +1
                              0x17, 0x0c, 0x08}));     // blue, the same
}

TEST(PlanarTest, RunsOfEveryLength) {
  BitmapEncoder encoder({.depth = Depth::k32});
  for (int raw = 0; raw <= 40; ++raw) {
    for (int run = 1; raw + run <= 64; ++run) {
      Image image = noise(64, 2, static_cast<std::uint64_t>(raw));
      for (int x = raw; x < raw + run; ++x) image.at(x, 0) = image.at(x, 1);
      for (int x = raw; x < raw + run; ++x) image.at(x, 1) = 0x123456;
      Client client(Depth::k32, 64, 2);
      encoder.encode(image.block(), client);
      ASSERT_EQ(client.difference(image), "") << raw << " raw, then " << run;
    }
  }
}

/// Encodes at 16 bits, where colours are easy to write down.
Bytes encoded_16(const Image& image) {
  BitmapEncoder encoder({.depth = Depth::k16});
  Kept kept;
  encoder.encode(image.block(), kept);
  return kept.data;
}

TEST(InterleavedTest, KnownBytes) {
  EXPECT_EQ(encoded_16(Image(16, 1)), bytes({0x10}));                           // background: black before
  EXPECT_EQ(encoded_16(Image(16, 1, 0xffffff)), bytes({0x30}));                 // foreground: white at first
  EXPECT_EQ(encoded_16(Image(16, 1, 0x0000ff)), bytes({0x70, 0x1f, 0x00}));     // a colour
  EXPECT_EQ(encoded_16(Image(64, 1)), bytes({0x00, 32}));                       // 64 = 32 + 32
  EXPECT_EQ(encoded_16(Image(64, 64)), bytes({0xf3, 0x00, 0x10, 0x00, 0x00}));  // 4096 of a colour
  EXPECT_EQ(encoded_16(dither(16, 1, 0x0000ff, 0xff0000)), bytes({0xe8, 0x00, 0xf8, 0x1f, 0x00}));
}

TEST(InterleavedTest, BackgroundAfterBackgroundSaysOneForegroundPixel) {
  Image image(32, 1);
  image.at(7, 0) = image.at(20, 0) = 0xffffff;
  EXPECT_EQ(encoded_16(image), bytes({0x07, 0x0d, 0x0c}));
}

TEST(InterleavedTest, NothingIsInsertedAfterTheFirstRow) {
  Image image(8, 3);  // the first row is background to its end, the second starts with foreground
  image.at(0, 1) = 0xffffff;
  image.at(0, 0) = 0xffffff;
  Client client(Depth::k16, 8, 3);
  BitmapEncoder encoder({.depth = Depth::k16});
  encoder.encode(image.block(), client);
  EXPECT_EQ(client.difference(image), "");
  EXPECT_EQ(encoded_16(image), bytes({0x08, 0x21, 0x0f}));
}

}  // namespace
}  // namespace ts::codec
