// The interleaved run-length encoder ([MS-RDPBCGR] 2.2.9.1.1.3.1.2.4, 3.1.9): bitmap updates below 32 bits
// per pixel. Pixels are one stream, bottom row first; most orders tell pixels by those of the row before,
// which is black before the first.
//
// Both kinds of decoder are served where they differ: FreeRDP decides once an order, rdesktop once a row,
// what the row before is, so no order that depends on it reaches over the end of the first row. At 15 bits
// the two have different ideas of white, so the encoder uses neither white nor the first foreground colour
// there.
#pragma once

#include <array>
#include <span>

#include "lib/base/bytes.h"

namespace ts::codec {

/// kPixelBytes: 1 (8 bits), 2 (15 and 16) or 3 (24, in words of four bytes).
template <typename Pixel, int kPixelBytes>
class InterleavedEncoder {
 public:
  static constexpr std::size_t kMaxPixels = 64 * 64;
  static constexpr std::size_t kSlack = 16;  // pixels behind the last that may be read, but do not matter

  /// `white` is the colour that the decoder's foreground starts with, when `white_known`.
  InterleavedEncoder(Pixel white, bool white_known) : white_(white), white_known_(white_known) {}

  /// Where the caller puts rows of pixels, bottom row first.
  Pixel* pixels() { return pixels_.data(); }

  /// Encodes the first `count` of pixels(), in rows of `width`. The bytes are good until the next call; none
  /// when they would not be fewer than the raw pixels.
  ByteView encode(int width, int count);

 private:
  Pixel white_;
  bool white_known_;
  alignas(16) std::array<Pixel, kMaxPixels + kSlack> pixels_ = {};
  alignas(16) std::array<Pixel, kMaxPixels + kSlack> differences_ = {};  // from the pixel in the row before
  std::array<std::uint8_t, kMaxPixels * kPixelBytes> out_;
};

using InterleavedEncoder8 = InterleavedEncoder<std::uint8_t, 1>;
using InterleavedEncoder16 = InterleavedEncoder<std::uint16_t, 2>;
using InterleavedEncoder24 = InterleavedEncoder<std::uint32_t, 3>;

extern template class InterleavedEncoder<std::uint8_t, 1>;
extern template class InterleavedEncoder<std::uint16_t, 2>;
extern template class InterleavedEncoder<std::uint32_t, 3>;

}  // namespace ts::codec
