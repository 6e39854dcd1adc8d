// The planar encoder of RDP 6.0 bitmap compression ([MS-RDPEGDI] 2.2.2.5.1): each colour by itself, rows as
// differences from the row below it in the picture (rows go bottom-up), run-length encoded. Lossless.
//
// Always with run-length encoding, without colour loss, and nothing after the last plane: the one form that
// rdesktop understands too.
#pragma once

#include <array>
#include <span>

#include "lib/codec/picture.h"

namespace ts::codec {

class PlanarEncoder {
 public:
  static constexpr int kMaxSize = 64;  // pixels each way: a row's equalities are the bits of one word

  /// Encodes a block of at most 64 x 64 pixels, its width rounded up to a multiple of 4 by repeating each
  /// row's last pixel. The bytes are good until the next call.
  ByteView encode(const PixelBlock& block, bool skip_alpha);

  /// The same for one colour, at most kMaxSize rows of a multiple of 4 pixels, 64 at least.
  static constexpr int kMaxFlatWidth = 2048;
  ByteView encode_flat(std::uint32_t colour, int width, int height, bool skip_alpha);

 private:
  static constexpr std::size_t kCopy = 16;  // raw bytes are copied so many at a time, needed or not
  // Control bytes: one for each 15 raw bytes, and one more.
  static constexpr std::size_t kMaxPlaneBytes = kMaxSize * (kMaxSize + kMaxSize / 15 + 1);

  using Values = std::array<std::uint8_t, kMaxSize + kCopy>;  // one colour of one row
  struct Row {
    alignas(16) Values red, green, blue;
  };

  std::array<std::uint8_t, 1 + 4 * kMaxPlaneBytes + kCopy> out_;
  std::array<std::uint8_t, kMaxPlaneBytes + kCopy> green_;
  std::array<std::uint8_t, kMaxPlaneBytes + kCopy> blue_;
  std::array<Row, 2> rows_ = {};  // this one and the one before
  Row values_ = {};               // what is encoded: differences between them
};

}  // namespace ts::codec
