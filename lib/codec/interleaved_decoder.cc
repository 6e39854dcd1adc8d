#include "lib/codec/interleaved_decoder.h"

#include <array>
#include <optional>

#include "lib/codec/interleaved_writer.h"

namespace ts::codec {
namespace {

constexpr std::array<const OrderForm*, 8> kForms{
    &kBackgroundRun, &kForegroundRun,    &kForegroundBackgroundImage,    &kColorRun,
    &kColorImage,    &kSetForegroundRun, &kSetForegroundBackgroundImage, &kDitheredRun};

std::uint32_t white_of(int depth) {
  return (std::uint32_t{1} << depth) - 1;
}

class Decoder {
 public:
  Decoder(ByteView data, int depth, int width, std::span<std::uint32_t> pixels)
      : in_(data),
        pixel_bytes_((depth + 7) / 8),
        white_(white_of(depth)),
        foreground_(white_),
        width_(static_cast<std::size_t>(width)),
        pixels_(pixels) {}

  Result<> run() {
    while (!in_.at_end()) TS_TRY(order());
    if (at_ != pixels_.size())
      return fail(ErrorCode::kMalformed, "run-length data has {} pixels of {}", at_, pixels_.size());
    return {};
  }

 private:
  Result<> order() {
    first_row_ = at_ < width_;
    // The pixel between two background runs is for runs of the same part of the picture only.
    if (!first_row_ && order_began_in_first_row_) after_background_ = false;
    order_began_in_first_row_ = first_row_;
    std::uint8_t code = in_.u8();
    bool after_background = std::exchange(after_background_, false);
    if (!special(code)) {
      const OrderForm* form = form_of(code);
      if (form == nullptr) return fail(ErrorCode::kMalformed, "run-length order 0x{:02x} is unknown", code);
      std::size_t length = length_of(*form, code);
      if (in_.ok()) execute(*form, length, after_background);
    }
    if (in_.failed())
      return fail(ErrorCode::kMalformed, "run-length order 0x{:02x} at pixel {} is cut short or too long",
                  code, at_);
    return {};
  }

  static const OrderForm* form_of(std::uint8_t code) {
    for (const auto* form : kForms) {
      unsigned mask = 0xFFu << form->length_bits & 0xFF;
      if (code == form->mega_code || (code & mask) == form->code) return form;
    }
    return nullptr;
  }

  std::size_t length_of(const OrderForm& form, std::uint8_t code) {
    if (code == form.mega_code) return in_.u16le();
    std::size_t small = std::size_t{1} << form.length_bits;
    std::size_t length = code & (small - 1);
    if (length != 0) return length * static_cast<std::size_t>(form.unit);
    return in_.u8() + (form.unit == 1 ? small : 1);
  }

  bool special(std::uint8_t code) {
    switch (code) {
      case kImageMask03:
        mask(0x03, 8);
        return true;
      case kImageMask05:
        mask(0x05, 8);
        return true;
      case kWhitePixel:
        put(white_);
        return true;
      case kBlackPixel:
        put(0);
        return true;
      default:
        return false;
    }
  }

  void execute(const OrderForm& form, std::size_t length, bool after_background) {
    if (&form == &kBackgroundRun) {
      if (after_background && length > 0) {
        put(above() ^ foreground_);
        --length;
      }
      for (; length > 0 && in_.ok(); --length) put(above());
      after_background_ = true;
    } else if (&form == &kForegroundRun || &form == &kSetForegroundRun) {
      if (&form == &kSetForegroundRun) foreground_ = pixel();
      for (; length > 0 && in_.ok(); --length) put(above() ^ foreground_);
    } else if (&form == &kForegroundBackgroundImage || &form == &kSetForegroundBackgroundImage) {
      if (&form == &kSetForegroundBackgroundImage) foreground_ = pixel();
      for (; length > 0 && in_.ok(); length -= std::min<std::size_t>(length, 8))
        mask(in_.u8(), std::min<std::size_t>(length, 8));
    } else if (&form == &kColorRun) {
      std::uint32_t color = pixel();
      for (; length > 0 && in_.ok(); --length) put(color);
    } else if (&form == &kColorImage) {
      for (; length > 0 && in_.ok(); --length) put(pixel());
    } else {
      std::uint32_t first = pixel(), second = pixel();
      for (; length > 0 && in_.ok(); --length) {
        put(first);
        put(second);
      }
    }
  }

  void mask(unsigned bits, std::size_t count) {
    for (std::size_t i = 0; i < count && in_.ok(); ++i, bits >>= 1)
      put(bits & 1 ? above() ^ foreground_ : above());
  }

  std::uint32_t pixel() {
    std::uint32_t value = 0;
    for (int i = 0; i < pixel_bytes_; ++i) value |= std::uint32_t{in_.u8()} << 8 * i;
    return value;
  }

  /// The pixel in the row before; black in the first.
  std::uint32_t above() const { return first_row_ || at_ >= pixels_.size() ? 0 : pixels_[at_ - width_]; }

  void put(std::uint32_t value) {
    if (at_ == pixels_.size()) return in_.set_failed();
    if (in_.ok()) pixels_[at_++] = value;
  }

  ByteReader in_;
  int pixel_bytes_;
  std::uint32_t white_, foreground_;
  std::size_t width_;
  std::span<std::uint32_t> pixels_;
  std::size_t at_ = 0;
  bool first_row_ = true;  // of the order
  bool order_began_in_first_row_ = true;
  bool after_background_ = false;
};

}  // namespace

Result<> decode_interleaved(ByteView data, int depth, int width, std::span<std::uint32_t> pixels) {
  return Decoder(data, depth, width, pixels).run();
}

}  // namespace ts::codec
