// Encoder turns blocks of pixels into what is put into an update; each codec is one.
//
// Encoders are pure and keep buffers of their own, so that encoding a block allocates nothing: a result is
// lent to the sink for the time of the call, and the sink copies it into its update.
#pragma once

#include "lib/codec/picture.h"

namespace ts::codec {

/// The most bytes of data in one rectangle. An update goes into one PDU of at most 0x3fff bytes, and this
/// leaves room for every header of it: fast path 3 + FIPS 4 + MAC 8 + padding 8, update 5, bitmap update 4,
/// rectangle 18 + compression header 8; slow path has 45 more.
inline constexpr std::size_t kMaxEncodedBytes = 15'800;

/// One rectangle of a bitmap update (TS_BITMAP_DATA, [MS-RDPBCGR] 2.2.9.1.1.3.1.2.2).
struct EncodedRect {
  int left = 0, top = 0, right = 0, bottom = 0;  // where it goes, inclusive: clips the bitmap
  int width = 0;                                 // of the bitmap: a multiple of 4, up to 3 more than is shown
  int height = 0;                                // of the bitmap: what is shown
  int bits_per_pixel = 0;
  bool compressed = false;  // BITMAP_COMPRESSION; else raw rows, bottom-up
  ByteView data{};          // at most kMaxEncodedBytes

  /// For TS_CD_HEADER ([MS-RDPBCGR] 2.2.9.1.1.3.1.2.3): bytes of a row, and of all, when not compressed.
  int row_bytes() const { return width * ((bits_per_pixel + 7) / 8); }
  int raw_bytes() const { return row_bytes() * height; }
};

class EncodedSink {
 public:
  virtual ~EncodedSink() = default;
  virtual void put(const EncodedRect& rect) = 0;
};

class Encoder {
 public:
  virtual ~Encoder() = default;
  /// Any size of block is welcome; one may become several rectangles, which together cover it exactly.
  virtual void encode(const PixelBlock& block, EncodedSink& sink) = 0;
};

}  // namespace ts::codec
