#include "lib/codec/tiles.h"

#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <thread>

#include "tests/unit/codec/images.h"

namespace ts::codec {
namespace {

using testing::Image;
using testing::Random;

FrameView view(const Image& image) {
  return FrameView::over(std::as_bytes(std::span(image.pixels)), 0, static_cast<std::size_t>(image.width) * 4,
                         image.width, image.height)
      .value();
}

/// What a client shows that paints every block: exactly what next() gave it, when it gave it.
struct Painted {
  Image shown;
  std::vector<Rect> rects;

  Painted(int width, int height) : shown(width, height, 0xdddddddd) {}
  void paint(const PixelBlock& block) {
    rects.push_back(block.place);
    for (int y = 0; y < block.place.height; ++y) {
      for (int x = 0; x < block.place.width; ++x) {
        shown.at(block.place.x + x, block.place.y + y) = block.row(y)[x];
      }
    }
  }
  std::vector<Rect> take_all(SentPicture& picture, const Image& frame) {
    rects.clear();
    while (auto block = picture.next(view(frame))) paint(*block);
    return rects;
  }
};

TEST(SentPictureTest, AtFirstEverythingIsSentOnce) {
  SentPicture picture;
  Image frame(150, 70);  // black, as memory is: the client does not know that
  for (int x : {0, 64, 128}) frame.at(x, 0) = frame.at(x, 64) = 1;
  picture.reset(150, 70);
  Painted client(150, 70);
  EXPECT_EQ(client.take_all(picture, frame), (std::vector<Rect>{{0, 0, 64, 64},
                                                                {64, 0, 64, 64},
                                                                {128, 0, 22, 64},
                                                                {0, 64, 64, 6},
                                                                {64, 64, 64, 6},
                                                                {128, 64, 22, 6}}));
  EXPECT_EQ(client.shown.pixels, frame.pixels);
  picture.damage({0, 0, 150, 70});
  EXPECT_TRUE(picture.has_damage());
  EXPECT_TRUE(client.take_all(picture, frame).empty());
  EXPECT_FALSE(picture.has_damage());
}

TEST(SentPictureTest, WhatIsOfOneColourIsOneBlock) {
  SentPicture picture;
  Image frame(300, 200, 0x336699);
  frame.at(200, 70) = 1;          // in the fourth tile of the second row
  for (int x = 64; x < 300; ++x)  // two colours in the third row
    for (int y = 128; y < 200; ++y) frame.at(x, y) = 0x112233;
  picture.reset(300, 200);
  Painted client(300, 200);
  EXPECT_EQ(client.take_all(picture, frame), (std::vector<Rect>{{0, 0, 300, 64},
                                                                {0, 64, 192, 64},
                                                                {192, 64, 64, 64},
                                                                {256, 64, 44, 64},
                                                                {0, 128, 64, 64},
                                                                {64, 128, 236, 64},
                                                                {0, 192, 64, 8},
                                                                {64, 192, 236, 8}}));
  EXPECT_EQ(client.shown.pixels, frame.pixels);
  picture.damage({0, 0, 300, 200});
  EXPECT_TRUE(client.take_all(picture, frame).empty()) << "all is known";
  frame.at(130, 10) = 5;
  picture.damage({0, 0, 300, 200});
  EXPECT_EQ(client.take_all(picture, frame), (std::vector<Rect>{{130, 10, 1, 1}}));
}

TEST(SentPictureTest, ChangesAreFoundExactly) {
  SentPicture picture;
  Image frame = testing::noise(200, 200, 1);
  picture.reset(200, 200);
  Painted client(200, 200);
  client.take_all(picture, frame);
  frame.at(70, 10) ^= 1;  // two corners in one tile, one pixel in another, the last pixel of all
  frame.at(90, 33) ^= 0x800000;
  frame.at(64, 64) ^= 0x0100;
  frame.at(199, 199) ^= 1;
  picture.damage({0, 0, 200, 200});
  EXPECT_EQ(client.take_all(picture, frame),
            (std::vector<Rect>{{70, 10, 21, 24}, {64, 64, 1, 1}, {199, 199, 1, 1}}));
  EXPECT_EQ(client.shown.pixels, frame.pixels);
}

TEST(SentPictureTest, EveryPlaceInATileIsSeen) {
  SentPicture picture;
  Image frame(67, 65);
  picture.reset(67, 65);
  Painted client(67, 65);
  client.take_all(picture, frame);
  for (int y = 0; y < 65; ++y) {
    for (int x = 0; x < 67; ++x) {
      frame.at(x, y) ^= 0x010000;
      picture.damage({0, 0, 67, 65});
      ASSERT_EQ(client.take_all(picture, frame), (std::vector<Rect>{{x, y, 1, 1}}));
    }
  }
}

TEST(SentPictureTest, OnlyDamageIsLookedAt) {
  SentPicture picture;
  Image frame(128, 128);
  picture.reset(128, 128);
  Painted client(128, 128);
  client.take_all(picture, frame);
  frame.at(5, 5) = 0xff;
  picture.damage({6, 5, 10, 10});
  EXPECT_TRUE(client.take_all(picture, frame).empty());
  picture.damage({5, 5, 1, 1});
  EXPECT_EQ(client.take_all(picture, frame), (std::vector<Rect>{{5, 5, 1, 1}}));
}

TEST(SentPictureTest, TheFourthByteIsNoChange) {
  SentPicture picture;
  Image frame = testing::noise(67, 64, 2);
  picture.reset(67, 64);
  Painted client(67, 64);
  client.take_all(picture, frame);
  Image clean = frame;
  for (auto& pixel : frame.pixels) pixel |= 0xab000000;
  picture.damage({0, 0, 67, 64});
  EXPECT_TRUE(client.take_all(picture, frame).empty());
  EXPECT_EQ(client.shown.pixels, clean.pixels);
}

TEST(SentPictureTest, BitsThatTheDepthDoesNotShowAreNoChange) {
  SentPicture picture;
  Image frame(64, 64, 0x808080);
  picture.reset(64, 64, BitmapEncoder::significant_bits(Depth::k16));
  Painted client(64, 64);
  client.take_all(picture, frame);
  frame.at(1, 1) = 0x878387;
  frame.at(9, 9) = 0x808480;  // one step of green
  picture.damage({0, 0, 64, 64});
  EXPECT_EQ(client.take_all(picture, frame), (std::vector<Rect>{{9, 9, 1, 1}}));
}

TEST(SentPictureTest, WhatIsForgottenIsSentAgain) {
  SentPicture picture;
  Image frame = testing::gradient(192, 64);
  picture.reset(192, 64);
  Painted client(192, 64);
  client.take_all(picture, frame);
  picture.forget({70, 10, 1, 1});
  EXPECT_EQ(client.take_all(picture, frame), (std::vector<Rect>{{64, 0, 64, 64}}));
  picture.reset(100, 40);  // a new size
  Image smaller = testing::gradient(100, 40);
  Painted other(100, 40);
  EXPECT_EQ(other.take_all(picture, smaller), (std::vector<Rect>{{0, 0, 64, 40}, {64, 0, 36, 40}}));
  EXPECT_EQ(other.shown.pixels, smaller.pixels);
}

TEST(SentPictureTest, UnlookedDamageStaysAndTilesTakeTurns) {
  SentPicture picture;
  Image frame(64 * 4, 64);
  picture.reset(frame.width, 64);
  Painted client(frame.width, 64);
  client.take_all(picture, frame);
  std::map<int, int> sent;
  // The first tile changes all the time, and there is room for one block a frame only.
  for (std::uint32_t round = 1; round <= 8; ++round) {
    for (int tile = 0; tile < 4; ++tile) {
      frame.at(tile * 64, 0) = round;
      picture.damage({tile * 64, 0, 1, 1});
    }
    auto block = picture.next(view(frame));
    ASSERT_TRUE(block);
    EXPECT_EQ(block->row(0)[0], round);  // pixels of now, whenever the damage was
    client.paint(*block);
    ++sent[block->place.x];
  }
  EXPECT_EQ(sent, (std::map<int, int>{{0, 2}, {64, 2}, {128, 2}, {192, 2}}));
  EXPECT_TRUE(picture.has_damage());
  client.take_all(picture, frame);
  EXPECT_EQ(client.shown.pixels, frame.pixels);
}

TEST(SentPictureTest, DamageFromElsewhereIsClipped) {
  SentPicture picture;
  Image frame(100, 100);
  picture.reset(100, 100);
  Painted client(100, 100);
  client.take_all(picture, frame);
  constexpr int kMost = std::numeric_limits<int>::max(), kLeast = std::numeric_limits<int>::min();
  for (Rect rect : {Rect{100, 0, 5, 5},
                    {-9, -9, 9, 9},
                    {5, 5, 0, 4},
                    {5, 5, -4, 4},
                    {kMost, kMost, kMost, kMost},
                    {kLeast, kLeast, kMost, kMost}}) {
    picture.damage(rect);
    EXPECT_FALSE(picture.has_damage()) << rect.x << ' ' << rect.y;
  }
  for (auto& pixel : frame.pixels) pixel = 7;
  picture.damage({-5, -5, kMost, kMost});
  EXPECT_EQ(client.take_all(picture, frame).size(), 4u);
  EXPECT_EQ(client.shown.pixels, frame.pixels);
}

TEST(SentPictureTest, AFrameOfAnotherSizeIsNotReadBeyondItsEnd) {
  SentPicture picture;
  picture.reset(200, 200);
  Image small = testing::noise(70, 10, 3);
  Painted client(200, 200);
  EXPECT_EQ(client.take_all(picture, small), (std::vector<Rect>{{0, 0, 64, 10}, {64, 0, 6, 10}}));
  // What was not there is still unknown: it is sent in full when it is.
  Image full(200, 200);
  picture.damage({0, 0, 200, 200});
  EXPECT_EQ(client.take_all(picture, full).size(), 4u) << "rows of tiles of one colour";
  EXPECT_EQ(client.shown.pixels, full.pixels);
  EXPECT_FALSE(picture.next(FrameView()));
  picture.reset(0, 0);
  picture.damage({0, 0, 5, 5});
  EXPECT_FALSE(picture.next(view(full)));
}

TEST(SentPictureTest, RandomDamageGivesTheClientTheFrame) {
  Random random(77);
  Image frame = testing::noise(333, 222, 4);
  SentPicture picture;
  picture.reset(333, 222);
  Painted client(333, 222);
  for (int round = 0; round < 300; ++round) {
    for (int i = random.below(4); i >= 0; --i) {
      Rect rect{random.below(333), random.below(222), 1 + random.below(90), 1 + random.below(40)};
      rect = intersect(rect, {0, 0, 333, 222});
      for (int y = rect.y; y < rect.y + rect.height; ++y) {
        for (int x = rect.x; x < rect.x + rect.width; ++x) {
          if (random.below(9) == 0) frame.at(x, y) = random.next() & 0xffffff;
        }
      }
      picture.damage(rect);
    }
    for (int budget = random.below(6); budget > 0; --budget) {
      auto block = picture.next(view(frame));
      if (block) client.paint(*block);
    }
  }
  client.take_all(picture, frame);
  EXPECT_EQ(client.shown.pixels, frame.pixels);
}

// Another process draws while we look: whatever moment a pixel was read at, the client has what we remember,
// and once drawing stops and its damage was reported, client and frame agree.
TEST(SentPictureTest, DrawingMeanwhileNeverPartsClientAndMemory) {
  Image frame(256, 256);
  SentPicture picture;
  picture.reset(256, 256);
  Painted client(256, 256);
  std::atomic<bool> stop = false;
  std::thread painter([&] {
    for (std::uint32_t color = 1; !stop; color = color * 5 + 3) {
      for (auto& pixel : frame.pixels)
        std::atomic_ref(pixel).store(color & 0xffffff, std::memory_order_relaxed);
    }
  });
  for (int round = 0; round < 200; ++round) {
    picture.damage({0, 0, 256, 256});
    while (auto block = picture.next(view(frame))) client.paint(*block);
    PixelBlock remembered = picture.block({0, 0, 256, 256});
    bool same = std::equal(client.shown.pixels.begin(), client.shown.pixels.end(), remembered.pixels);
    EXPECT_TRUE(same) << "round " << round;
    if (!same) break;
  }
  stop = true;
  painter.join();
  picture.damage({0, 0, 256, 256});
  client.take_all(picture, frame);
  EXPECT_EQ(client.shown.pixels, frame.pixels);
}

}  // namespace
}  // namespace ts::codec
