#include "lib/codec/palette.h"

#include <cstddef>

namespace ts::codec {
namespace {

constexpr int kLevels = 6;      // of each colour in the cube
constexpr int kLevelStep = 51;  // 255 / 5
constexpr int kCubeColors = kLevels * kLevels * kLevels;

constexpr Palette make_palette() {
  Palette colors;
  std::size_t index = 0;
  for (int red = 0; red < kLevels; ++red) {
    for (int green = 0; green < kLevels; ++green) {
      for (int blue = 0; blue < kLevels; ++blue) {
        colors[index++] = {static_cast<std::uint8_t>(red * kLevelStep),
                           static_cast<std::uint8_t>(green * kLevelStep),
                           static_cast<std::uint8_t>(blue * kLevelStep)};
      }
    }
  }
  // Greys evenly between black and white; none of them is one of the cube's.
  const int greys = 256 - kCubeColors;
  for (int i = 1; i <= greys; ++i) {
    auto grey = static_cast<std::uint8_t>((i * 255 + (greys + 1) / 2) / (greys + 1));
    colors[index++] = {grey, grey, grey};
  }
  return colors;
}

constexpr Palette kPalette = make_palette();

int distance(int red, int green, int blue, const PaletteColor& color) {
  int dr = red - color.red, dg = green - color.green, db = blue - color.blue;
  // Weights: how much the eye makes of each colour.
  return 3 * dr * dr + 6 * dg * dg + db * db;
}

std::uint8_t search(int red, int green, int blue) {
  // The cube's nearest is the nearest level of each colour; the greys are tried one by one.
  auto level = [](int value) { return (value + kLevelStep / 2) / kLevelStep; };
  int found = (level(red) * kLevels + level(green)) * kLevels + level(blue);
  int best = distance(red, green, blue, kPalette[static_cast<std::size_t>(found)]);
  for (int i = kCubeColors; i < 256; ++i) {
    int next = distance(red, green, blue, kPalette[static_cast<std::size_t>(i)]);
    if (next < best) {
      best = next;
      found = i;
    }
  }
  return static_cast<std::uint8_t>(found);
}

}  // namespace

const Palette& palette() {
  return kPalette;
}

PaletteLookup::PaletteLookup() {
  for (int grey = 0; grey < 256; ++grey) greys_[static_cast<std::size_t>(grey)] = search(grey, grey, grey);
  for (int cell = 0; cell < 32 * 32 * 32; ++cell) {
    cells_[static_cast<std::size_t>(cell)] =
        search((cell >> 10) * 8 + 4, (cell >> 5 & 31) * 8 + 4, (cell & 31) * 8 + 4);
  }
}

}  // namespace ts::codec
