#include "lib/codec/interleaved.h"

#include <algorithm>
#include <bit>
#include <cassert>

#include "lib/codec/interleaved_writer.h"
#include "lib/codec/simd.h"

namespace ts::codec {
namespace {

/// How many of the pixels at `first`, at most `most`, are `value`. May look at 16 bytes behind the last.
template <typename Pixel>
int run_length(const Pixel* first, int most, Pixel value) {
  int length = 0;
#if TS_CODEC_SSE2
  constexpr int kStep = 16 / sizeof(Pixel);
  __m128i wanted;
  if constexpr (sizeof(Pixel) == 1) wanted = _mm_set1_epi8(static_cast<char>(value));
  if constexpr (sizeof(Pixel) == 2) wanted = _mm_set1_epi16(static_cast<short>(value));
  if constexpr (sizeof(Pixel) == 4) wanted = _mm_set1_epi32(static_cast<int>(value));
  for (; length < most; length += kStep) {
    __m128i pixels = _mm_loadu_si128(reinterpret_cast<const __m128i*>(first + length));
    auto equal = static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(pixels, wanted)));
    if (equal != 0xffff) {
      return std::min(most, length + std::countr_one(equal) / static_cast<int>(sizeof(Pixel)));
    }
  }
  return most;
#else
  while (length < most && first[length] == value) ++length;
  return length;
#endif
}

/// differences[i] = pixels[i] ^ pixels[i - width], where there is black before the first row.
template <typename Pixel>
void take_differences(const Pixel* pixels, int width, int count, Pixel* differences) {
  std::copy(pixels, pixels + width, differences);
  int i = width;
#if TS_CODEC_SSE2
  constexpr int kStep = 16 / sizeof(Pixel);
  for (; i + kStep <= count; i += kStep) {
    __m128i here = _mm_loadu_si128(reinterpret_cast<const __m128i*>(pixels + i));
    __m128i before = _mm_loadu_si128(reinterpret_cast<const __m128i*>(pixels + i - width));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(differences + i), _mm_xor_si128(here, before));
  }
#endif
  for (; i < count; ++i) differences[i] = static_cast<Pixel>(pixels[i] ^ pixels[i - width]);
}

/// Chooses the orders, greedily: at each pixel the one that saves most bytes over writing pixels out. Pixels
/// for which none saves any wait and are written as one colour image.
template <typename Pixel, int kPixelBytes>
class Chooser {
 public:
  Chooser(const Pixel* pixels, const Pixel* differences, int width, int count, std::span<std::uint8_t> out)
      : pixels_(pixels), differences_(differences), width_(width), count_(count), writer_(out) {}

  /// Bytes written; 0 if they did not fit.
  std::size_t encode(Pixel white, bool white_known) {
    white_ = foreground_ = white;
    white_known_ = foreground_known_ = white_known;
    while (at_ < count_ && !writer_.full()) {
      // Orders that look at the row before end with the first row.
      row_most_ = (at_ < width_ ? width_ : count_) - at_;
      if (!nothing_to_save() && (follow_background() || choose())) continue;
      ++at_;  // waits to be written as part of a colour image
      after_background_ = false;
    }
    flush_image();
    return writer_.full() ? 0 : writer_.size();
  }

 private:
  // A run of this many is better said as a run than as bits of a foreground/background image.
  static constexpr int kImageBreak = 24;

  /// Quickly, for most pixels of pictures: whether this one starts nothing at all.
  bool nothing_to_save() const {
    const Pixel* pixel = pixels_ + at_;
    const Pixel* difference = differences_ + at_;
    return at_ + 2 < count_ && pixel[0] != pixel[1] && pixel[0] != pixel[2] && difference[0] != 0 &&
           difference[1] != 0 && difference[0] != difference[1] && difference[0] != foreground_ &&
           pixel[0] != 0 && pixel[0] != white_;
  }

  /// A background run right after another: its first pixel is foreground, for nothing.
  bool follow_background() {
    if (!after_background_ || at_ == width_ || !foreground_known_ || differences_[at_] != foreground_) {
      return false;
    }
    int length = 1 + run_length<Pixel>(differences_ + at_ + 1, row_most_ - 1, 0);
    writer_.run(kBackgroundRun, length);
    return done(length, true);
  }

  bool choose() {
    const Pixel difference = differences_[at_];
    const int same = run_length<Pixel>(differences_ + at_, row_most_, difference);
    const bool is_foreground = foreground_known_ && difference == foreground_;
    // What it must save to be worth an interruption of a colour image, which then needs another header.
    const int threshold = waiting() > 0 ? 2 : 0;

    if (same < kImageBreak && choose_masks(difference, same, threshold)) return true;
    int by_difference = same * kPixelBytes;
    if (difference == 0) {
      by_difference -= header_bytes(kBackgroundRun, same);
    } else if (is_foreground) {
      by_difference -= header_bytes(kForegroundRun, same);
    } else {
      by_difference -= header_bytes(kSetForegroundRun, same) + kPixelBytes;
      // A lonely one costs no more this way than as an image, and the next like it will be cheaper.
      if (waiting() == 0 && same == 1 && row_most_ > 1 && differences_[at_ + 1] == 0) by_difference += 1;
    }
    if (choose_colors(std::max(threshold, by_difference + 1))) return true;
    if (by_difference < threshold) return false;
    flush_image();
    if (difference == 0) {
      writer_.run(kBackgroundRun, same);
    } else if (is_foreground) {
      writer_.run(kForegroundRun, same);
    } else {
      writer_.run(kSetForegroundRun, same, difference);
      set_foreground(difference);
    }
    return done(same, difference == 0);
  }

  /// Orders that do not look at the row before, if one saves at least `least` bytes.
  bool choose_colors(int least) {
    const Pixel color = pixels_[at_];
    const int most = count_ - at_;
    int best = least - 1;
    int length = run_length<Pixel>(pixels_ + at_, most, color);
    if (int saved = length * kPixelBytes - header_bytes(kColorRun, length) - kPixelBytes; saved > best) {
      flush_image();
      writer_.run(kColorRun, length, color);
      return done(length);
    }
    if (most >= 4 && length == 1 && pixels_[at_ + 2] == color && pixels_[at_ + 3] == pixels_[at_ + 1]) {
      int pairs = 2;
      while (2 * pairs + 1 < most && pixels_[at_ + 2 * pairs] == color &&
             pixels_[at_ + 2 * pairs + 1] == pixels_[at_ + 1]) {
        ++pairs;
      }
      if (2 * pairs * kPixelBytes - header_bytes(kDitheredRun, pairs) - 2 * kPixelBytes > best) {
        flush_image();
        writer_.run(kDitheredRun, pairs, color, pixels_[at_ + 1]);
        return done(2 * pairs);
      }
    }
    bool white = white_known_ && color == white_;
    if ((white || color == 0) && kPixelBytes - 1 > best) {
      flush_image();
      writer_.special(white ? kWhitePixel : kBlackPixel);
      return done(1);
    }
    return false;
  }

  /// A foreground/background image, where background and one other difference take turns too fast for runs.
  bool choose_masks(Pixel difference, int same, int threshold) {
    if (at_ < masks_refused_to_ || (difference == 0 && same == row_most_)) return false;
    const Pixel foreground = difference != 0 ? difference : differences_[at_ + same];
    int length = same;
    int by_runs = 1;  // bytes that runs would need, the setting of a foreground not counted
    for (bool background = difference != 0; length < row_most_; background = !background) {
      int next = run_length<Pixel>(differences_ + at_ + length, row_most_ - length,
                                   background ? Pixel{0} : foreground);
      if (next == 0 || next >= kImageBreak) break;
      // A single foreground pixel between background runs costs nothing.
      by_runs += background || next > 1 ? 1 : 0;
      length += next;
    }
    bool set = !foreground_known_ || foreground != foreground_;
    const OrderForm& form = set ? kSetForegroundBackgroundImage : kForegroundBackgroundImage;
    int cost = header_bytes(form, length) + (length + 7) / 8;
    int saved = length * kPixelBytes - cost - (set ? kPixelBytes : 0);
    if (cost >= by_runs || saved < threshold) {
      masks_refused_to_ = at_ + length;  // parts of it are hardly better, and looking again and again is dear
      return false;
    }
    flush_image();
    writer_.masks(differences_ + at_, length, set ? &foreground : nullptr);
    set_foreground(foreground);
    return done(length);
  }

  int waiting() const { return at_ - image_start_; }

  void flush_image() {
    if (waiting() > 0) writer_.image(pixels_ + image_start_, waiting());
    image_start_ = at_;
  }

  /// An order for `length` pixels was written.
  bool done(int length, bool was_background = false) {
    at_ += length;
    image_start_ = at_;
    after_background_ = was_background;
    return true;
  }

  void set_foreground(Pixel color) {
    foreground_ = color;
    foreground_known_ = true;
  }

  const Pixel* pixels_;
  const Pixel* differences_;
  int width_;
  int count_;
  InterleavedWriter<Pixel, kPixelBytes> writer_;
  int at_ = 0;
  int image_start_ = 0;  // pixels from here to at_ are waiting
  int masks_refused_to_ = 0;
  int row_most_ = 0;  // how far an order that looks at the row before may go
  bool after_background_ = false;
  Pixel white_ = 0;
  bool white_known_ = false;
  Pixel foreground_ = 0;
  bool foreground_known_ = false;
};

}  // namespace

template <typename Pixel, int kPixelBytes>
ByteView InterleavedEncoder<Pixel, kPixelBytes>::encode(int width, int count) {
  assert(width > 0 && count >= width && static_cast<std::size_t>(count) <= kMaxPixels);
  take_differences(pixels_.data(), width, count, differences_.data());
  std::span<std::uint8_t> out(out_.data(), static_cast<std::size_t>(count) * kPixelBytes - 1);
  Chooser<Pixel, kPixelBytes> chooser(pixels_.data(), differences_.data(), width, count, out);
  std::size_t size = chooser.encode(white_, white_known_);
  return std::as_bytes(out.first(size));
}

template class InterleavedEncoder<std::uint8_t, 1>;
template class InterleavedEncoder<std::uint16_t, 2>;
template class InterleavedEncoder<std::uint32_t, 3>;

}  // namespace ts::codec
