#include "lib/codec/planar.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstring>
#include <utility>

#include "lib/codec/simd.h"

namespace ts::codec {
namespace {

constexpr std::uint8_t kRunLengthEncoding = 0x10;
constexpr std::uint8_t kNoAlpha = 0x20;
constexpr std::array<std::uint8_t, 16> kOpaque = {0xff};

// Control byte ([MS-RDPEGDI] 2.2.2.5.1.1): high nibble raw bytes, low nibble how often the last one is
// repeated. Low nibbles 1 and 2 mean long runs without raw bytes: 16 or 32 more than the high nibble.
constexpr int kMaxRaw = 15;
constexpr int kMinRun = 3;
constexpr int kMaxRun = 15;
constexpr int kMinLongRun = 16;
constexpr int kMaxLongRun = 47;

/// How much of `run` one control byte of at most `most` takes, such that what is left is no run too short.
int share(int run, int most) {
  int taken = std::min(run, most);
  int left = run - taken;
  return left > 0 && left < kMinRun ? taken - (kMinRun - left) : taken;
}

std::uint8_t* put_control(std::uint8_t* out, int raw, int run) {
  *out = static_cast<std::uint8_t>(raw << 4 | run);
  return out + 1;
}

std::uint8_t* put_runs(std::uint8_t* out, int run) {
  while (run > 0) {
    int taken = share(run, run >= kMinLongRun ? kMaxLongRun : kMaxRun);
    if (taken >= 32) {
      out = put_control(out, taken - 32, 2);
    } else if (taken >= kMinLongRun) {
      out = put_control(out, taken - 16, 1);
    } else {
      out = put_control(out, 0, taken);
    }
    run -= taken;
  }
  return out;
}

/// Copies 16 bytes from `raw` at a time, though at most 15 count: a copy of known size is no call.
std::uint8_t* put_segment(std::uint8_t* out, const std::uint8_t* raw, int raw_count, int run) {
  for (; raw_count > kMaxRaw; raw_count -= kMaxRaw, raw += kMaxRaw) {
    out = put_control(out, kMaxRaw, 0);
    std::memcpy(out, raw, 16);
    out += kMaxRaw;
  }
  if (raw_count > 0) {
    int taken = share(run, kMaxRun);
    out = put_control(out, raw_count, taken);
    std::memcpy(out, raw, 16);
    out += raw_count;
    run -= taken;
  }
  return put_runs(out, run);
}

/// Encodes one row of one plane. Bit i of `repeats`: value i is that before it (0 before the first).
std::uint8_t* put_row(std::uint8_t* out, const std::uint8_t* values, std::uint64_t repeats, int width) {
  if (width < 64) repeats &= (std::uint64_t{1} << width) - 1;
  for (int x = 0; x < width;) {
    std::uint64_t rest = repeats >> x;
    std::uint64_t runs = rest & rest >> 1 & rest >> 2;
    if (runs == 0) return put_segment(out, values + x, width - x, 0);
    int raw = std::countr_zero(runs);
    int run = std::countr_one(rest >> raw);
    out = put_segment(out, values + x, raw, run);
    x += raw + run;
  }
  return out;
}

#if TS_CODEC_SSE2

__m128i load(const void* from) {
  return _mm_loadu_si128(static_cast<const __m128i*>(from));
}
void store(void* to, __m128i value) {
  _mm_storeu_si128(static_cast<__m128i*>(to), value);
}

/// Byte number kByte of each of 16 pixels.
template <int kByte>
__m128i plane_of(const __m128i (&pixels)[4]) {
  const __m128i low = _mm_set1_epi32(0xff);
  auto bytes = [&](__m128i four) { return _mm_and_si128(_mm_srli_epi32(four, 8 * kByte), low); };
  return _mm_packus_epi16(_mm_packs_epi32(bytes(pixels[0]), bytes(pixels[1])),
                          _mm_packs_epi32(bytes(pixels[2]), bytes(pixels[3])));
}

void split(const std::uint32_t* in, int count, std::uint8_t* red, std::uint8_t* green, std::uint8_t* blue) {
  for (int x = 0; x < count; x += 16) {
    const __m128i pixels[4] = {load(in + x), load(in + x + 4), load(in + x + 8), load(in + x + 12)};
    store(blue + x, plane_of<0>(pixels));
    store(green + x, plane_of<1>(pixels));
    store(red + x, plane_of<2>(pixels));
  }
}

/// Bit i: value i is the same as the one before it. `last` is the vector before this one.
std::uint64_t repeats_in(__m128i values, __m128i last) {
  __m128i shifted = _mm_or_si128(_mm_slli_si128(values, 1), _mm_srli_si128(last, 15));
  return static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(values, shifted)));
}

std::uint64_t repeats_of(const std::uint8_t* values, int count) {
  std::uint64_t repeats = 0;
  __m128i last = _mm_setzero_si128();
  for (int x = 0; x < count; x += 16) {
    __m128i next = load(values + x);
    repeats |= repeats_in(next, last) << x;
    last = next;
  }
  return repeats;
}

/// values = differences with their sign in the lowest bit; returns the repeats among them.
std::uint64_t differences(const std::uint8_t* now, const std::uint8_t* before, int count,
                          std::uint8_t* values) {
  std::uint64_t repeats = 0;
  __m128i last = _mm_setzero_si128();
  for (int x = 0; x < count; x += 16) {
    __m128i delta = _mm_sub_epi8(load(now + x), load(before + x));
    __m128i sign = _mm_cmpgt_epi8(_mm_setzero_si128(), delta);
    __m128i next = _mm_xor_si128(_mm_add_epi8(delta, delta), sign);
    store(values + x, next);
    repeats |= repeats_in(next, last) << x;
    last = next;
  }
  return repeats;
}

#else

void split(const std::uint32_t* in, int count, std::uint8_t* red, std::uint8_t* green, std::uint8_t* blue) {
  for (int x = 0; x < count; ++x) {
    blue[x] = static_cast<std::uint8_t>(in[x]);
    green[x] = static_cast<std::uint8_t>(in[x] >> 8);
    red[x] = static_cast<std::uint8_t>(in[x] >> 16);
  }
}

std::uint64_t repeats_of(const std::uint8_t* values, int count) {
  std::uint64_t repeats = 0;
  for (int x = 0; x < count; ++x) {
    repeats |= static_cast<std::uint64_t>(values[x] == (x ? values[x - 1] : 0)) << x;
  }
  return repeats;
}

std::uint64_t differences(const std::uint8_t* now, const std::uint8_t* before, int count,
                          std::uint8_t* values) {
  for (int x = 0; x < count; ++x) {
    int delta = static_cast<std::int8_t>(now[x] - before[x]);
    values[x] = static_cast<std::uint8_t>(delta < 0 ? -2 * delta - 1 : 2 * delta);
  }
  return repeats_of(values, count);
}

#endif

/// A plane of one value.
std::uint8_t* put_flat(std::uint8_t* out, std::uint32_t value, int width, int height) {
  const std::array<std::uint8_t, 16> first = {static_cast<std::uint8_t>(value)};
  out = first[0] == 0 ? put_runs(out, width) : put_segment(out, first.data(), 1, width - 1);
  for (int y = 1; y < height; ++y) out = put_runs(out, width);
  return out;
}

}  // namespace

ByteView PlanarEncoder::encode_flat(std::uint32_t colour, int width, int height, bool skip_alpha) {
  // A row's most: a raw byte, and a control byte for so many pixels at least.
  constexpr int kRow = 3 + kMaxFlatWidth / kMaxLongRun;
  static_assert(1 + 4 * kMaxSize * kRow <= sizeof out_);
  assert(width >= kMaxSize && width <= kMaxFlatWidth && width % 4 == 0 && height > 0 && height <= kMaxSize);
  std::uint8_t* out = out_.data();
  *out++ = skip_alpha ? kRunLengthEncoding | kNoAlpha : kRunLengthEncoding;
  if (!skip_alpha) out = put_flat(out, kOpaque[0], width, height);
  for (int shift : {16, 8, 0}) out = put_flat(out, colour >> shift, width, height);
  return std::as_bytes(std::span(out_.data(), static_cast<std::size_t>(out - out_.data())));
}

ByteView PlanarEncoder::encode(const PixelBlock& block, bool skip_alpha) {
  const int shown = block.place.width, height = block.place.height;
  assert(shown > 0 && shown <= kMaxSize && height > 0 && height <= kMaxSize);
  const int width = (shown + 3) & ~3;
  const int count = (shown + 15) & ~15;  // what is computed, in whole vectors

  std::uint8_t* out = out_.data();
  *out++ = skip_alpha ? kRunLengthEncoding | kNoAlpha : kRunLengthEncoding;
  if (!skip_alpha) {
    out = put_flat(out, kOpaque[0], width, height);
  }
  // Red goes in place, green and blue follow when it is known where.
  std::uint8_t* green = green_.data();
  std::uint8_t* blue = blue_.data();
  alignas(16) std::array<std::uint32_t, kMaxSize> padded;
  for (int y = height - 1; y >= 0; --y) {
    const std::uint32_t* pixels = block.row(y);
    if (count != shown) {
      std::memcpy(padded.data(), pixels, static_cast<std::size_t>(shown) * sizeof(std::uint32_t));
      std::fill(padded.begin() + shown, padded.begin() + count, pixels[shown - 1]);
      pixels = padded.data();
    }
    Row& now = rows_[static_cast<std::size_t>(y & 1)];
    const Row& before = rows_[static_cast<std::size_t>(~y & 1)];
    split(pixels, count, now.red.data(), now.green.data(), now.blue.data());
    // The first row is absolute.
    auto prepare = [&](const Values& plane, const Values& last, Values& values) {
      if (y < height - 1) return differences(plane.data(), last.data(), count, values.data());
      values = plane;
      return repeats_of(values.data(), count);
    };
    const std::uint64_t red_repeats = prepare(now.red, before.red, values_.red);
    const std::uint8_t* red_row = out;
    out = put_row(out, values_.red.data(), red_repeats, width);
    // Much of a screen is grey: then the other planes are as the red one.
    auto put = [&](std::uint8_t* to, const Values& plane, const Values& last, Values& values) {
      std::uint64_t repeats = prepare(plane, last, values);
      if (repeats != red_repeats ||
          std::memcmp(values.data(), values_.red.data(), static_cast<std::size_t>(width))) {
        return put_row(to, values.data(), repeats, width);
      }
      std::memcpy(to, red_row, static_cast<std::size_t>(out - red_row));
      return to + (out - red_row);
    };
    green = put(green, now.green, before.green, values_.green);
    blue = put(blue, now.blue, before.blue, values_.blue);
  }
  for (auto [plane, end] : {std::pair(green_.data(), green), std::pair(blue_.data(), blue)}) {
    auto size = static_cast<std::size_t>(end - plane);
    std::memcpy(out, plane, size);
    out += size;
  }
  return std::as_bytes(std::span(out_.data(), static_cast<std::size_t>(out - out_.data())));
}

}  // namespace ts::codec
