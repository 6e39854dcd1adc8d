#include "lib/codec/palette.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <set>

namespace ts::codec {
namespace {

std::uint32_t pixel(const PaletteColor& color) {
  return color.red << 16 | color.green << 8 | color.blue;
}

TEST(PaletteTest, AllColoursDifferAndAreFoundExactly) {
  PaletteLookup lookup;
  std::set<std::uint32_t> seen;
  for (std::size_t i = 0; i < palette().size(); ++i) {
    EXPECT_TRUE(seen.insert(pixel(palette()[i])).second) << i;
    EXPECT_EQ(lookup.nearest(pixel(palette()[i])), i);
  }
  EXPECT_EQ(seen.count(0), 1u);
  EXPECT_EQ(seen.count(0xffffff), 1u);
}

TEST(PaletteTest, OtherColoursAreNear) {
  PaletteLookup lookup;
  for (int color = 0; color < 0x1000000; color += 331) {
    const PaletteColor& found = palette()[lookup.nearest(static_cast<std::uint32_t>(color))];
    // Half a step of the cube, and half a cell.
    EXPECT_LE(std::abs(found.green - (color >> 8 & 0xff)), 26 + 4) << color;
  }
  for (std::uint32_t grey = 0; grey < 256; ++grey) {
    const PaletteColor& found = palette()[lookup.nearest(grey * 0x010101)];
    EXPECT_LE(std::abs(found.red - static_cast<int>(grey)), 4) << grey;
    EXPECT_EQ(found.red, found.blue) << grey;
  }
}

}  // namespace
}  // namespace ts::codec
