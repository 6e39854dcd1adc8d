#include "lib/codec/planar_decoder.h"

#include <algorithm>

namespace ts::codec {
namespace {

constexpr std::uint8_t kColorLossLevel = 0x07;
constexpr std::uint8_t kChromaSubsampling = 0x08;
constexpr std::uint8_t kRunLengthEncoding = 0x10;
constexpr std::uint8_t kNoAlpha = 0x20;

/// A value of rows after the first, where the sign is the lowest bit.
int difference(std::uint8_t value) {
  return value & 1 ? -((value >> 1) + 1) : value >> 1;
}

/// One row: `put(x, value, raw)` for each value, repeated ones included.
class PlaneDecoder {
 public:
  PlaneDecoder(ByteReader& in, std::size_t width, std::span<std::uint32_t> pixels, int shift)
      : in_(in), width_(width), pixels_(pixels), shift_(shift) {}

  void decode() {
    for (std::size_t row = 0; row < pixels_.size() && in_.ok(); row += width_) decode_row(row);
  }

 private:
  void decode_row(std::size_t row) {
    int last = 0;  // value in the first row, difference in others
    for (std::size_t x = 0; x < width_ && in_.ok();) {
      std::uint8_t control = in_.u8();
      std::size_t raw = control >> 4, run = control & 0x0F;
      if (run == 1 || run == 2) {
        run = raw + 16 * run;
        raw = 0;
      }
      if (raw + run > width_ - x) return in_.set_failed();
      for (; raw > 0; --raw, ++x) {
        std::uint8_t value = in_.u8();
        last = row == 0 ? value : difference(value);
        put(row, x, last);
      }
      for (; run > 0; --run, ++x) put(row, x, last);
    }
  }

  void put(std::size_t row, std::size_t x, int value) {
    std::size_t at = row + x;
    unsigned before = row == 0 ? 0 : pixels_[at - width_] >> shift_;
    std::uint32_t byte = (before + static_cast<unsigned>(value)) & 0xFF;
    pixels_[at] |= byte << shift_;
  }

  ByteReader& in_;
  std::size_t width_;
  std::span<std::uint32_t> pixels_;
  int shift_;
};

}  // namespace

Result<> decode_planar(ByteView data, int width, std::span<std::uint32_t> pixels) {
  ByteReader in(data);
  std::uint8_t header = in.u8();
  if (header & (kColorLossLevel | kChromaSubsampling))
    return fail(ErrorCode::kMalformed, "planar bitmap with header 0x{:02x}, which was not offered", header);
  std::ranges::fill(pixels, 0);
  for (int shift : {24, 16, 8, 0}) {  // A R G B
    if (shift == 24 && (header & kNoAlpha)) continue;
    if (header & kRunLengthEncoding) {
      PlaneDecoder(in, static_cast<std::size_t>(width), pixels, shift).decode();
    } else {
      ByteView plane = in.take(pixels.size());
      for (std::size_t i = 0; i < plane.size(); ++i)
        pixels[i] |= std::to_integer<std::uint32_t>(plane[i]) << shift;
    }
  }
  if (in.failed()) return fail(ErrorCode::kMalformed, "planar bitmap is cut short or a run passes its row");
  for (auto& pixel : pixels) pixel &= 0x00FFFFFF;
  return {};
}

}  // namespace ts::codec
