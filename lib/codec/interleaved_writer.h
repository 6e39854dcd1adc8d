// The orders of interleaved run-length encoding as bytes ([MS-RDPBCGR] 2.2.9.1.1.3.1.2.4): one function an
// order. What to say is InterleavedEncoder's business; here is how. Writes into a fixed buffer; an order that
// does not fit makes full() true and writes nothing.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>

namespace ts::codec {

/// One form of order: its code in the regular or lite form, how many bits of the first byte are a length, and
/// the code of the form with a 16-bit length. `unit`: lengths in the first byte count so many pixels.
struct OrderForm {
  std::uint8_t code;
  int length_bits;
  std::uint8_t mega_code;
  int unit = 1;
};

inline constexpr OrderForm kBackgroundRun{0x00, 5, 0xf0};
inline constexpr OrderForm kForegroundRun{0x20, 5, 0xf1};
inline constexpr OrderForm kForegroundBackgroundImage{0x40, 5, 0xf2, 8};
inline constexpr OrderForm kColorRun{0x60, 5, 0xf3};
inline constexpr OrderForm kColorImage{0x80, 5, 0xf4};
inline constexpr OrderForm kSetForegroundRun{0xc0, 4, 0xf6};
inline constexpr OrderForm kSetForegroundBackgroundImage{0xd0, 4, 0xf7, 8};
inline constexpr OrderForm kDitheredRun{0xe0, 4, 0xf8};

inline constexpr std::uint8_t kImageMask03 = 0xf9;  // foreground/background image of 8 pixels with this mask
inline constexpr std::uint8_t kImageMask05 = 0xfa;
inline constexpr std::uint8_t kWhitePixel = 0xfd;
inline constexpr std::uint8_t kBlackPixel = 0xfe;

/// Bytes of an order's header for `length` pixels (pairs for dithered runs), 1...65535.
constexpr int header_bytes(const OrderForm& form, int length) {
  int small = 1 << form.length_bits;  // lengths of the first byte alone are below
  if (length % form.unit == 0 && length / form.unit < small) return 1;
  // The second byte adds to the first that the first cannot say; images count pixels there, less one.
  return length < (form.unit == 1 ? small + 256 : 257) ? 2 : 3;
}

template <typename Pixel, int kPixelBytes>
class InterleavedWriter {
 public:
  explicit InterleavedWriter(std::span<std::uint8_t> out)
      : begin_(out.data()), at_(out.data()), end_(out.data() + out.size()) {}

  bool full() const { return full_; }
  std::size_t size() const { return static_cast<std::size_t>(at_ - begin_); }

  void run(const OrderForm& form, int length) {
    if (reserve(0)) header(form, length);
  }
  void run(const OrderForm& form, int length, Pixel color) {
    if (!reserve(kPixelBytes)) return;
    header(form, length);
    pixel(color);
  }
  void run(const OrderForm& form, int pairs, Pixel first, Pixel second) {
    if (!reserve(2 * kPixelBytes)) return;
    header(form, pairs);
    pixel(first);
    pixel(second);
  }
  void special(std::uint8_t code) {
    if (reserve(0)) *at_++ = code;
  }
  void image(const Pixel* pixels, int length) {
    if (!reserve(length * kPixelBytes)) return;
    header(kColorImage, length);
    if constexpr (sizeof(Pixel) == kPixelBytes) {
      std::memcpy(at_, pixels, static_cast<std::size_t>(length) * kPixelBytes);
      at_ += length * kPixelBytes;
    } else {
      for (int i = 0; i < length; ++i) pixel(pixels[i]);
    }
  }
  /// Bit set where a pixel differs; pixels differ by the foreground colour, which `set` gives anew.
  void masks(const Pixel* differences, int length, const Pixel* set) {
    if (!reserve((length + 7) / 8 + kPixelBytes)) return;
    if (set == nullptr && length == 8) {
      std::uint8_t only = mask(differences, 8);
      if (only == 0x03 || only == 0x05) {
        *at_++ = only == 0x03 ? kImageMask03 : kImageMask05;
        return;
      }
    }
    header(set ? kSetForegroundBackgroundImage : kForegroundBackgroundImage, length);
    if (set) pixel(*set);
    for (; length > 0; length -= 8, differences += 8) *at_++ = mask(differences, length < 8 ? length : 8);
  }

 private:
  static std::uint8_t mask(const Pixel* differences, int count) {
    unsigned bits = 0;
    for (int i = 0; i < count; ++i) bits |= (differences[i] != 0 ? 1u : 0u) << i;
    return static_cast<std::uint8_t>(bits);
  }

  bool reserve(int payload) {
    constexpr int kMaxHeader = 3;
    if (end_ - at_ < payload + kMaxHeader) full_ = true;
    return !full_;
  }

  void header(const OrderForm& form, int length) {
    int small = 1 << form.length_bits;
    switch (header_bytes(form, length)) {
      case 1:
        *at_++ = static_cast<std::uint8_t>(form.code | length / form.unit);
        break;
      case 2:
        *at_++ = form.code;
        *at_++ = static_cast<std::uint8_t>(form.unit == 1 ? length - small : length - 1);
        break;
      default:
        *at_++ = form.mega_code;
        *at_++ = static_cast<std::uint8_t>(length);
        *at_++ = static_cast<std::uint8_t>(length >> 8);
    }
  }

  void pixel(Pixel value) {
    for (int i = 0; i < kPixelBytes; ++i) *at_++ = static_cast<std::uint8_t>(value >> 8 * i);
  }

  std::uint8_t* begin_;
  std::uint8_t* at_;
  std::uint8_t* end_;
  bool full_ = false;
};

}  // namespace ts::codec
