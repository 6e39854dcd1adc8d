#include "lib/codec/picture.h"

#include <gtest/gtest.h>

#include <limits>

namespace ts::codec {
namespace {

TEST(FrameViewTest, FindsRowsInItsMapping) {
  Bytes mapping(100 + 3 * 64);
  auto view = FrameView::over(mapping, 100, 64, 10, 3);
  ASSERT_TRUE(view);
  EXPECT_EQ(view->row(0), mapping.data() + 100);
  EXPECT_EQ(view->row(2), mapping.data() + 100 + 128);
}

TEST(FrameViewTest, TheLastRowNeedsNoWholeStride) {
  Bytes mapping(2 * 64 + 40);
  EXPECT_TRUE(FrameView::over(mapping, 0, 64, 10, 3));
  EXPECT_FALSE(FrameView::over(mapping, 1, 64, 10, 3));
  EXPECT_FALSE(FrameView::over(mapping, 0, 65, 10, 3));
  EXPECT_FALSE(FrameView::over(mapping, 0, 64, 11, 3));
  EXPECT_FALSE(FrameView::over(mapping, 0, 64, 10, 4));
}

TEST(FrameViewTest, RefusesWhatWouldReachOutside) {
  Bytes mapping(4096);
  constexpr std::size_t kMost = std::numeric_limits<std::size_t>::max();
  EXPECT_FALSE(FrameView::over(mapping, 0, 39, 10, 1));
  EXPECT_FALSE(FrameView::over(mapping, 0, kMost, 10, 2));
  EXPECT_FALSE(FrameView::over(mapping, 0, kMost / 2 + 1, 10, 3));
  EXPECT_FALSE(FrameView::over(mapping, kMost, 64, 10, 1));
  EXPECT_FALSE(FrameView::over(mapping, 4096, 64, 10, 1));
  EXPECT_FALSE(FrameView::over({}, 0, 64, 1, 1));
  for (int bad :
       {0, -1, std::numeric_limits<int>::min(), kMaxPictureSize + 1, std::numeric_limits<int>::max()}) {
    EXPECT_FALSE(FrameView::over(mapping, 0, 4096, bad, 1)) << bad;
    EXPECT_FALSE(FrameView::over(mapping, 0, 4, 1, bad)) << bad;
  }
}

TEST(RectTest, Intersection) {
  EXPECT_EQ(intersect({0, 0, 10, 10}, {5, 6, 10, 10}), (Rect{5, 6, 5, 4}));
  EXPECT_TRUE(intersect({0, 0, 10, 10}, {10, 0, 10, 10}).empty());
  constexpr int kMost = std::numeric_limits<int>::max(), kLeast = std::numeric_limits<int>::min();
  EXPECT_EQ(intersect({kMost - 1, 0, kMost, 5}, {kMost - 1, 0, kMost, 9}), (Rect{kMost - 1, 0, kMost, 5}));
  EXPECT_TRUE(intersect({kLeast, kLeast, kLeast, kLeast}, {0, 0, 10, 10}).empty());
}

}  // namespace
}  // namespace ts::codec
