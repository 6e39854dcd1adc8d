// What the codec fuzzer does with its input, and the unit tests with the fuzzer's corpus: a session's display
// that reports any geometry, damage and cursor while it draws anything, at any depth. Aborts when a rectangle
// breaks the promises of lib/codec/encoder.h or a picture is not covered exactly; sanitizers see the rest.
#pragma once

#include <cstdlib>

#include "lib/codec/bitmap_encoder.h"
#include "lib/codec/pointer_shape.h"
#include "lib/codec/tiles.h"

namespace ts::codec {

class CoverageSink : public EncodedSink {
 public:
  explicit CoverageSink(const Rect& block) : block_(block) {}

  void put(const EncodedRect& rect) override {
    Rect shown{rect.left, rect.top, rect.right - rect.left + 1, rect.bottom - rect.top + 1};
    bool good = !shown.empty() && intersect(shown, block_) == shown && rect.width % 4 == 0 &&
                rect.width >= shown.width && rect.width - shown.width < 4 && rect.height == shown.height &&
                !rect.data.empty() && rect.data.size() <= kMaxEncodedBytes;
    auto raw_bytes = static_cast<std::size_t>(rect.raw_bytes());
    good = good && (rect.compressed ? rect.data.size() < raw_bytes : rect.data.size() == raw_bytes);
    if (!good) std::abort();
    area_ += shown.width * shown.height;
  }
  void finish() const {
    if (area_ != block_.width * block_.height) std::abort();
  }

 private:
  Rect block_;
  int area_ = 0;
};

/// Bytes of the input over and over, each time a little different.
inline Bytes framebuffer_from(ByteView input, std::size_t size) {
  Bytes pixels;
  pixels.reserve(size + input.size());
  for (std::uint8_t round = 0; !input.empty() && pixels.size() < size; round += 5) {
    for (std::byte next : input) pixels.push_back(next ^ std::byte{round});
  }
  pixels.resize(size);
  return pixels;
}

inline void exercise_codec(ByteView input) {
  constexpr Depth kDepths[] = {Depth::k8, Depth::k15, Depth::k16, Depth::k24, Depth::k32};
  ByteReader reader(input);
  const Depth depth = kDepths[reader.u8() % std::size(kDepths)];
  const std::uint8_t options = reader.u8();
  const int width = reader.u8() % 100, height = reader.u8() % 100;
  const std::size_t offset = reader.u8(), stride = reader.u16le();

  Bytes mapping = framebuffer_from(input.subspan(reader.position()), 32 * 1024);
  auto frame = FrameView::over(mapping, offset, stride, width, height);
  BitmapEncoder encoder({.depth = depth, .compress = (options & 1) == 0, .skip_alpha = (options & 2) != 0});
  SentPicture picture;
  picture.reset(reader.u8() % 100, reader.u8() % 100, BitmapEncoder::significant_bits(depth));
  for (int round = 0; frame && round < 3; ++round) {
    while (auto block = picture.next(*frame)) {
      CoverageSink sink(block->place);
      encoder.encode(*block, sink);
      sink.finish();
    }
    auto number = [&] { return static_cast<int>(reader.u32le()); };
    Rect rect{number(), number(), number(), number()};
    options & 4 ? picture.forget(rect) : picture.damage(rect);
    for (std::byte& next : mapping) next ^= static_cast<std::byte>(round);
  }

  std::vector<std::uint32_t> cursor(static_cast<std::size_t>(width % 50 * (height % 50)));
  for (std::size_t i = 0; i < cursor.size(); ++i) std::memcpy(&cursor[i], &mapping[i * 4], 4);
  CursorImage image{width % 50, height % 50, reader.u8(), reader.u8(), cursor};
  auto shape = make_pointer(image, options & 8 ? 24 : 32, reader.u8());
  if (!shape || shape->width == 0) return;
  const auto columns = static_cast<std::size_t>(shape->width), rows = static_cast<std::size_t>(shape->height);
  const std::size_t pixel_bytes = options & 8 ? 3 : 4;
  bool good = shape->hot_x < shape->width && shape->hot_y < shape->height &&
              shape->xor_mask.size() == (columns * pixel_bytes + 1) / 2 * 2 * rows &&
              shape->and_mask.size() == (columns + 15) / 16 * 2 * rows;
  if (!good) std::abort();
}

}  // namespace ts::codec
