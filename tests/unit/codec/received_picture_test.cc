// The decoders against our encoders (which FreeRDP's decoders vouch for), against bytes known from the
// specification, and against nonsense.
#include "lib/codec/received_picture.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "lib/codec/convert.h"
#include "lib/codec/interleaved_decoder.h"
#include "lib/codec/planar_decoder.h"
#include "tests/fuzz/bitmap_exercise.h"
#include "tests/unit/codec/images.h"

namespace ts::codec {
namespace {

using namespace testing;

constexpr Depth kDepths[] = {Depth::k8, Depth::k15, Depth::k16, Depth::k24, Depth::k32};

// Paints every rectangle at once, and keeps them for tests that bend them.
class Painter : public EncodedSink {
 public:
  ReceivedPicture picture;
  std::vector<std::pair<EncodedRect, Bytes>> rects;
  std::string complaint;

  void put(const EncodedRect& rect) override {
    if (auto done = picture.paint(rect); !done && complaint.empty()) complaint = done.error().message;
    rects.emplace_back(rect, Bytes(rect.data.begin(), rect.data.end()));
  }
};

std::uint32_t expected_at(Depth depth, std::uint32_t pixel) {
  static const PaletteLookup lookup;
  auto five = [](std::uint32_t v) { return (v & 0xF8) | v >> 5; };
  auto six = [](std::uint32_t v) { return (v & 0xFC) | v >> 6; };
  std::uint32_t red = pixel >> 16 & 0xFF, green = pixel >> 8 & 0xFF, blue = pixel & 0xFF;
  switch (depth) {
    case Depth::k8: {
      const auto& color = palette()[lookup.nearest(pixel)];
      return std::uint32_t{color.red} << 16 | std::uint32_t{color.green} << 8 | color.blue;
    }
    case Depth::k15:
      return five(red) << 16 | five(green) << 8 | five(blue);
    case Depth::k16:
      return five(red) << 16 | six(green) << 8 | five(blue);
    default:
      return pixel & 0xFFFFFF;
  }
}

class ReceivedPictureTest : public ::testing::TestWithParam<Depth> {};
INSTANTIATE_TEST_SUITE_P(Depths, ReceivedPictureTest, ::testing::ValuesIn(kDepths),
                         [](const auto& info) { return std::to_string(static_cast<int>(info.param)); });

TEST_P(ReceivedPictureTest, ShowsWhatWasEncoded) {
  for (bool compress : {true, false}) {
    for (bool skip_alpha : {true, false}) {
      BitmapEncoder encoder({.depth = GetParam(), .compress = compress, .skip_alpha = skip_alpha});
      for (auto [width, height] : {std::pair{64, 64}, {200, 130}, {61, 37}, {1, 1}}) {
        for (const auto& [name, image] : all_kinds(width, height, 11)) {
          Painter painter;
          ASSERT_TRUE(painter.picture.reset(width, height).has_value());
          encoder.encode(image.block(), painter);
          ASSERT_EQ(painter.complaint, "") << name;
          for (std::size_t i = 0; i < image.pixels.size(); ++i) {
            ASSERT_EQ(painter.picture.pixels()[i], expected_at(GetParam(), image.pixels[i]))
                << name << ' ' << width << 'x' << height << " pixel " << i;
          }
        }
      }
    }
  }
}

TEST_P(ReceivedPictureTest, ThousandsOfMixtures) {
  BitmapEncoder encoder({.depth = GetParam()});
  Random random(43);
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    Image image = mixture(1 + random.below(64), 1 + random.below(20), seed);
    Painter painter;
    ASSERT_TRUE(painter.picture.reset(image.width, image.height).has_value());
    encoder.encode(image.block(), painter);
    ASSERT_EQ(painter.complaint, "");
    for (std::size_t i = 0; i < image.pixels.size(); ++i)
      ASSERT_EQ(painter.picture.pixels()[i], expected_at(GetParam(), image.pixels[i])) << "seed " << seed;
  }
}

TEST_P(ReceivedPictureTest, EveryTruncationIsRefused) {
  BitmapEncoder encoder({.depth = GetParam()});
  Painter painter;
  ASSERT_TRUE(painter.picture.reset(40, 20).has_value());
  encoder.encode(mixture(40, 20, 3).block(), painter);
  ASSERT_FALSE(painter.rects.empty());
  for (auto& [rect, data] : painter.rects) {
    for (std::size_t size = 0; size < data.size(); ++size) {
      rect.data = ByteView(data).first(size);
      EXPECT_FALSE(painter.picture.paint(rect).has_value()) << size;
    }
  }
}

TEST_P(ReceivedPictureTest, EveryFlippedBitIsSurvived) {
  BitmapEncoder encoder({.depth = GetParam()});
  Painter painter;
  ASSERT_TRUE(painter.picture.reset(40, 20).has_value());
  encoder.encode(mixture(40, 20, 5).block(), painter);
  for (auto& [rect, data] : painter.rects) {
    for (std::size_t bit = 0; bit < data.size() * 8; ++bit) {
      Bytes bent = data;
      bent[bit / 8] ^= std::byte{1} << bit % 8;
      rect.data = bent;
      (void)painter.picture.paint(rect);
      EXPECT_EQ(painter.picture.pixels().size(), 40u * 20u);
    }
  }
}

Bytes bytes(std::initializer_list<int> values) {
  Bytes out;
  for (int value : values) out.push_back(static_cast<std::byte>(value));
  return out;
}

TEST(InterleavedDecoder, EveryFormOfOrder) {
  // 8 bits, rows of 8: what 3.1.9 makes of each order, by hand.
  auto decoded = [](std::initializer_list<int> data, std::size_t count) {
    std::vector<std::uint32_t> pixels(count);
    auto done = decode_interleaved(bytes(data), 8, 8, pixels);
    return done ? pixels : std::vector<std::uint32_t>{};
  };
  using Pixels = std::vector<std::uint32_t>;
  EXPECT_EQ(decoded({0x03, 0x02, 0x23}, 8), (Pixels{0, 0, 0, 0xFF, 0, 0xFF, 0xFF, 0xFF}));  // BG, BG, FG
  EXPECT_EQ(decoded({0x64, 7, 0x84, 1, 2, 3, 4}, 8), (Pixels{7, 7, 7, 7, 1, 2, 3, 4}));
  EXPECT_EQ(decoded({0xC4, 9, 0xE2, 5, 6}, 8), (Pixels{9, 9, 9, 9, 5, 6, 5, 6}));
  EXPECT_EQ(decoded({0x41, 0xA5}, 8), (Pixels{0xFF, 0, 0xFF, 0, 0, 0xFF, 0, 0xFF}));
  EXPECT_EQ(decoded({0xD1, 3, 0x0F}, 8), (Pixels{3, 3, 3, 3, 0, 0, 0, 0}));
  EXPECT_EQ(decoded({0xF9}, 8), (Pixels{0xFF, 0xFF, 0, 0, 0, 0, 0, 0}));
  EXPECT_EQ(decoded({0xFA}, 8), (Pixels{0xFF, 0, 0xFF, 0, 0, 0, 0, 0}));
  EXPECT_EQ(decoded({0xFD, 0xFE, 0x66, 4}, 8), (Pixels{0xFF, 0, 4, 4, 4, 4, 4, 4}));
  EXPECT_EQ(decoded({0x68, 4, 0x28}, 16),
            (Pixels{4, 4, 4, 4, 4, 4, 4, 4, 0xFB, 0xFB, 0xFB, 0xFB, 0xFB, 0xFB, 0xFB, 0xFB}));
  // Long forms: one byte more, and two.
  EXPECT_EQ(decoded({0x60, 8, 5}, 40), Pixels(40, 5));
  EXPECT_EQ(decoded({0xF3, 40, 0, 5}, 40), Pixels(40, 5));
  EXPECT_EQ(decoded({0xC0, 4, 6}, 20).at(0), 6u);
  EXPECT_EQ(decoded({0xF6, 8, 0, 6}, 8), Pixels(8, 6));
  EXPECT_EQ(decoded({0x40, 7, 0xFF}, 8), Pixels(8, 0xFF));
  EXPECT_EQ(decoded({0xF0, 8, 0}, 8), Pixels(8, 0));
  // Not orders, too much, too little.
  EXPECT_TRUE(decoded({0xA1, 0}, 8).empty());
  EXPECT_TRUE(decoded({0xF5}, 8).empty());
  EXPECT_TRUE(decoded({0xFB}, 8).empty());
  EXPECT_TRUE(decoded({0x69, 1}, 8).empty());
  EXPECT_TRUE(decoded({0x67, 1}, 8).empty());
  EXPECT_TRUE(decoded({0xF3, 0xFF, 0xFF, 1}, 8).empty());
  EXPECT_TRUE(decoded({}, 8).empty());
}

TEST(PlanarDecoder, RawPlanesAndHeaders) {
  std::vector<std::uint32_t> pixels(2);
  ASSERT_TRUE(decode_planar(bytes({0x20, 1, 2, 3, 4, 5, 6, 0 /* padding */}), 2, pixels).has_value());
  EXPECT_EQ(pixels, (std::vector<std::uint32_t>{0x010305, 0x020406}));
  ASSERT_TRUE(decode_planar(bytes({0x00, 9, 9, 1, 2, 3, 4, 5, 6}), 2, pixels).has_value());
  EXPECT_EQ(pixels[1], 0x020406u);
  for (int header : {0x21, 0x27, 0x28, 0x01})
    EXPECT_FALSE(decode_planar(bytes({header, 1, 2, 3, 4, 5, 6, 7, 8}), 2, pixels).has_value()) << header;
  EXPECT_FALSE(decode_planar(bytes({0x20, 1, 2, 3, 4, 5}), 2, pixels).has_value());
  // A run over the end of its row; and one that ends there.
  EXPECT_FALSE(decode_planar(bytes({0x30, 0x13, 7, 0x12, 7, 0x12, 7}), 2, pixels).has_value());
  std::vector<std::uint32_t> four(4);
  ASSERT_TRUE(decode_planar(bytes({0x30, 0x13, 7, 0x13, 8, 0x13, 9}), 4, four).has_value());
  EXPECT_EQ(four, std::vector<std::uint32_t>(4, 0x070809));
}

TEST(DecodeBitmap, NumbersAreCheckedBeforeMemoryIsTaken) {
  Bytes data(16);
  auto decodes = [&](int width, int height, int depth, bool compressed) {
    EncodedRect rect{
        .width = width, .height = height, .bits_per_pixel = depth, .compressed = compressed, .data = data};
    return decode_bitmap(rect, palette()).has_value();
  };
  EXPECT_TRUE(decodes(4, 1, 32, false));
  EXPECT_FALSE(decodes(4, 2, 32, false));
  EXPECT_FALSE(decodes(0, 1, 32, false));
  EXPECT_FALSE(decodes(4, 0, 32, false));
  EXPECT_FALSE(decodes(4, 1, 12, false));
  EXPECT_FALSE(decodes(65535, 65535, 32, true));
  EXPECT_FALSE(decodes(65535, 65535, 16, true));
  EXPECT_TRUE(decodes(3, 4, 8, false)) << "rows may be padded to four bytes";
  ReceivedPicture picture;
  EXPECT_FALSE(picture.reset(65535, 65535).has_value());
  EXPECT_FALSE(picture.reset(0, 5).has_value());
  EXPECT_TRUE(picture.reset(8192, 8192).has_value());
}

TEST(ReceivedPicture, CutsOffWhatIsOutside) {
  ReceivedPicture picture;
  ASSERT_TRUE(picture.reset(3, 2).has_value());
  Bytes data(4 * 4 * 4, std::byte{0x11});
  EncodedRect rect{.left = 2,
                   .top = 1,
                   .right = 60000,
                   .bottom = 60000,
                   .width = 4,
                   .height = 4,
                   .bits_per_pixel = 32,
                   .data = data};
  ASSERT_TRUE(picture.paint(rect).has_value());
  EXPECT_EQ(picture.pixels(), (std::vector<std::uint32_t>{0, 0, 0, 0, 0, 0x111111}));
}

TEST(BitmapFuzzCorpus, EveryInputIsSurvived) {
  int inputs = 0;
  for (const auto& entry : std::filesystem::directory_iterator(TS_SOURCE_DIR "/tests/fuzz/corpus/bitmap")) {
    std::ifstream file(entry.path(), std::ios::binary);
    std::string content{std::istreambuf_iterator<char>(file), {}};
    exercise_bitmaps(std::as_bytes(std::span(content)));
    ++inputs;
  }
  EXPECT_GT(inputs, 0) << "the corpus is gone";
}

}  // namespace
}  // namespace ts::codec
