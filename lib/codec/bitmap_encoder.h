// BitmapEncoder makes rectangles of bitmap updates, which every RDP client understands: planar at 32 bits per
// pixel, interleaved run-length encoding below, raw rows where neither is smaller
// ([MS-RDPBCGR] 2.2.9.1.1.3.1.2, [MS-RDPEGDI] 2.2.2.5). 24 and 32 bits are lossless; 15 and 16 drop low bits;
// 8 takes the nearest of palette().
//
// Blocks larger than 64 x 64 are cut up, except where there is one colour over several such parts side by
// side: clients paint that faster as one. What would pass kMaxEncodedBytes when raw (64 x 64 at 32 bits is
// 16,384 bytes) is cut into strips of rows.
#pragma once

#include <memory>

#include "lib/codec/encoder.h"
#include "lib/codec/palette.h"

namespace ts::codec {

enum class Depth { k8 = 8, k15 = 15, k16 = 16, k24 = 24, k32 = 32 };

struct BitmapOptions {
  Depth depth = Depth::k32;
  /// Off: raw rows only, for clients without bitmap compression.
  bool compress = true;
  /// Leave out the alpha plane at 32 bits: only for clients that announced DRAW_ALLOW_SKIP_ALPHA (drawing
  /// flag 0x08) and are not rdesktop, which paints nothing then.
  bool skip_alpha = false;
};

class BitmapEncoder final : public Encoder {
 public:
  explicit BitmapEncoder(const BitmapOptions& options);
  ~BitmapEncoder() override;

  void encode(const PixelBlock& block, EncodedSink& sink) override;

  /// The bits of 0x00RRGGBB that make a difference at this depth: for SentPicture::reset().
  static std::uint32_t significant_bits(Depth depth);

 private:
  class Coder;
  template <typename Pixel, int kPixelBytes>
  class InterleavedCoder;
  class Coder8;
  class Coder16;
  class Coder24;
  class Coder32;

  static std::unique_ptr<Coder> make_coder(const BitmapOptions& options);
  void encode_part(const PixelBlock& block, EncodedSink& sink);
  void encode_flat(const PixelBlock& block, EncodedSink& sink);

  BitmapOptions options_;
  std::unique_ptr<Coder> coder_;  // of the depth, with its buffers
};

}  // namespace ts::codec
