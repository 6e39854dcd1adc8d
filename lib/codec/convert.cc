#include "lib/codec/convert.h"

#include "lib/codec/simd.h"

namespace ts::codec {
namespace {

/// Red and green go down by these many bits, blue always by three.
template <int kRedShift, int kGreenShift, std::uint32_t kRed, std::uint32_t kGreen>
void convert_16(const std::uint32_t* in, int count, std::uint16_t* out) {
  int x = 0;
#if TS_CODEC_SSE2
  auto four = [](const std::uint32_t* from) {
    __m128i pixels = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
    __m128i red = _mm_and_si128(_mm_srli_epi32(pixels, kRedShift), _mm_set1_epi32(kRed));
    __m128i green = _mm_and_si128(_mm_srli_epi32(pixels, kGreenShift), _mm_set1_epi32(kGreen));
    __m128i blue = _mm_and_si128(_mm_srli_epi32(pixels, 3), _mm_set1_epi32(0x1f));
    __m128i all = _mm_or_si128(_mm_or_si128(red, green), blue);
    // SSE2 packs with signed saturation only: make a number of 16 bits one of 32 with the same sign.
    return _mm_srai_epi32(_mm_slli_epi32(all, 16), 16);
  };
  for (; x + 8 <= count; x += 8) {
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out + x), _mm_packs_epi32(four(in + x), four(in + x + 4)));
  }
#endif
  for (; x < count; ++x) {
    out[x] = static_cast<std::uint16_t>((in[x] >> kRedShift & kRed) | (in[x] >> kGreenShift & kGreen) |
                                        (in[x] >> 3 & 0x1f));
  }
}

}  // namespace

void convert_to_15(const std::uint32_t* in, int count, std::uint16_t* out) {
  convert_16<9, 6, 0x7c00, 0x03e0>(in, count, out);
}

void convert_to_16(const std::uint32_t* in, int count, std::uint16_t* out) {
  convert_16<8, 5, 0xf800, 0x07e0>(in, count, out);
}

void convert_to_8(const std::uint32_t* in, int count, const PaletteLookup& lookup, std::uint8_t* out) {
  for (int x = 0; x < count; ++x) {
    // Most neighbours are alike.
    out[x] = x > 0 && in[x] == in[x - 1] ? out[x - 1] : lookup.nearest(in[x]);
  }
}

void convert_to_24(const std::uint32_t* in, int count, std::uint8_t* out) {
  for (int x = 0; x < count; ++x, out += 3) {
    out[0] = static_cast<std::uint8_t>(in[x]);
    out[1] = static_cast<std::uint8_t>(in[x] >> 8);
    out[2] = static_cast<std::uint8_t>(in[x] >> 16);
  }
}

}  // namespace ts::codec
