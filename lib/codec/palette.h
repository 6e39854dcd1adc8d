// The fixed palette of 8-bit sessions: a 6 x 6 x 6 colour cube and 40 greys between its own. It is sent once,
// in a palette update before the first pixels ([MS-RDPBCGR] 2.2.9.1.1.3.1.1).
#pragma once

#include <array>
#include <cstdint>

namespace ts::codec {

struct PaletteColor {
  std::uint8_t red = 0, green = 0, blue = 0;
  bool operator==(const PaletteColor&) const = default;
};

using Palette = std::array<PaletteColor, 256>;

const Palette& palette();

/// Finds the nearest colour of palette(): exactly for greys and for its own colours, else nearest to the
/// middle of the 8 x 8 x 8 cell that a colour lies in.
class PaletteLookup {
 public:
  PaletteLookup();

  /// `pixel` is 0x00RRGGBB.
  std::uint8_t nearest(std::uint32_t pixel) const {
    std::uint32_t red = pixel >> 16 & 0xff, green = pixel >> 8 & 0xff, blue = pixel & 0xff;
    if (red == green && green == blue) return greys_[red];
    return cells_[(red >> 3) << 10 | (green >> 3) << 5 | blue >> 3];
  }

 private:
  std::array<std::uint8_t, 256> greys_;
  std::array<std::uint8_t, 32 * 32 * 32> cells_;
};

}  // namespace ts::codec
