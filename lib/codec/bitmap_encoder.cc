#include "lib/codec/bitmap_encoder.h"

#include <algorithm>
#include <array>
#include <span>

#include "lib/codec/convert.h"
#include "lib/codec/interleaved.h"
#include "lib/codec/interleaved_writer.h"
#include "lib/codec/planar.h"

namespace ts::codec {
namespace {

constexpr int kPartSize = 64;                             // pixels each way: what the encoders take at once
constexpr int kFlatWidth = PlanarEncoder::kMaxFlatWidth;  // of one colour
static_assert(kPartSize <= PlanarEncoder::kMaxSize);
static_assert(kPartSize * kPartSize <= InterleavedEncoder8::kMaxPixels);

int bitmap_width(const PixelBlock& block) {
  return (block.place.width + 3) & ~3;
}

/// Puts the block's rows, bottom first, one after the other at `to`, whose elements `convert` makes; each row
/// is filled up to the bitmap's width with its last pixel.
template <typename Pixel, typename Convert>
void fill_rows(const PixelBlock& block, Pixel* to, Convert&& convert) {
  const int shown = block.place.width, width = bitmap_width(block);
  for (int y = block.place.height - 1; y >= 0; --y, to += width) {
    convert(block.row(y), shown, to);
    std::fill(to + shown, to + width, to[shown - 1]);
  }
}

PixelBlock part_of(const PixelBlock& block, const Rect& part) {
  return {block.row(part.y - block.place.y) + (part.x - block.place.x), block.stride, part};
}

/// `part` and those to the right of it that have its one colour; itself where it has several.
Rect widened(const PixelBlock& block, Rect part) {
  const int end = block.place.x + block.place.width;
  if (part.x + part.width == end || !is_flat(part_of(block, part))) return part;
  const std::uint32_t colour = *part_of(block, part).row(0);
  while (part.x + part.width < end) {
    const int left = part.x + part.width;
    const Rect next{left, part.y, std::min(kPartSize, end - left), part.height};
    const PixelBlock other = part_of(block, next);
    if (part.width + next.width > kFlatWidth || *other.row(0) != colour || !is_flat(other)) break;
    part.width += next.width;
  }
  return part;
}

}  // namespace

/// One part of at most 64 x 64 at one depth; what is returned is good until the next call.
class BitmapEncoder::Coder {
 public:
  virtual ~Coder() = default;
  /// The compressed part, or nothing when that is no smaller than raw. Called before raw().
  virtual ByteView compressed(const PixelBlock& block) = 0;
  virtual ByteView raw(const PixelBlock& block) = 0;
  /// Compressed, of one colour, a multiple of 4 and at most kFlatWidth wide and kPartSize high.
  virtual ByteView flat(std::uint32_t colour, int width, int height) = 0;
};

template <typename Pixel, int kPixelBytes>
class BitmapEncoder::InterleavedCoder : public Coder {
 public:
  InterleavedCoder(Pixel white, bool white_known) : encoder_(white, white_known) {}

  ByteView compressed(const PixelBlock& block) override {
    load(block);
    return encoder_.encode(bitmap_width(block), bitmap_width(block) * block.place.height);
  }
  ByteView raw(const PixelBlock& block) override {
    load(block);
    auto count = static_cast<std::size_t>(bitmap_width(block) * block.place.height);
    return std::as_bytes(std::span(encoder_.pixels(), count));
  }
  ByteView flat(std::uint32_t colour, int width, int height) override {
    constexpr int kLongest = 65535;  // pixels of an order
    Pixel value;
    convert(&colour, 1, &value);
    InterleavedWriter<Pixel, kPixelBytes> writer(flat_);
    for (int left = width * height; left > 0; left -= kLongest)
      writer.run(kColorRun, std::min(left, kLongest), value);
    return std::as_bytes(std::span(flat_)).first(writer.size());
  }

 protected:
  /// Converts `count` pixels of a row.
  virtual void convert(const std::uint32_t* in, int count, Pixel* out) = 0;

 private:
  void load(const PixelBlock& block) {
    fill_rows(block, encoder_.pixels(),
              [this](const std::uint32_t* in, int count, Pixel* out) { convert(in, count, out); });
  }

  InterleavedEncoder<Pixel, kPixelBytes> encoder_;
  std::array<std::uint8_t, 32> flat_;
};

class BitmapEncoder::Coder8 final : public InterleavedCoder<std::uint8_t, 1> {
 public:
  Coder8() : InterleavedCoder(0xff, true) {}

 private:
  void convert(const std::uint32_t* in, int count, std::uint8_t* out) override {
    convert_to_8(in, count, lookup_, out);
  }
  PaletteLookup lookup_;
};

class BitmapEncoder::Coder16 final : public InterleavedCoder<std::uint16_t, 2> {
 public:
  explicit Coder16(Depth depth) : InterleavedCoder(0xffff, depth == Depth::k16), depth_(depth) {}

 private:
  void convert(const std::uint32_t* in, int count, std::uint16_t* out) override {
    depth_ == Depth::k16 ? convert_to_16(in, count, out) : convert_to_15(in, count, out);
  }
  Depth depth_;
};

class BitmapEncoder::Coder24 final : public InterleavedCoder<std::uint32_t, 3> {
 public:
  Coder24() : InterleavedCoder(0xffffff, true) {}

  ByteView raw(const PixelBlock& block) override {
    const int width = bitmap_width(block);
    ByteView words = InterleavedCoder::raw(block);
    auto* pixels = reinterpret_cast<const std::uint32_t*>(words.data());
    convert_to_24(pixels, width * block.place.height, raw_.data());
    return std::as_bytes(std::span(raw_)).first(words.size() / 4 * 3);
  }

 private:
  void convert(const std::uint32_t* in, int count, std::uint32_t* out) override {
    for (int x = 0; x < count; ++x) out[x] = in[x] & 0x00ffffff;
  }
  std::array<std::uint8_t, kPartSize * kPartSize * 3> raw_;
};

class BitmapEncoder::Coder32 final : public Coder {
 public:
  explicit Coder32(bool skip_alpha) : skip_alpha_(skip_alpha) {}

  ByteView compressed(const PixelBlock& block) override {
    ByteView data = encoder_.encode(block, skip_alpha_);
    auto raw_bytes = static_cast<std::size_t>(bitmap_width(block) * block.place.height * 4);
    return data.size() < raw_bytes ? data : ByteView{};
  }
  ByteView raw(const PixelBlock& block) override {
    fill_rows(block, raw_.data(),
              [](const std::uint32_t* in, int count, std::uint32_t* out) { std::copy(in, in + count, out); });
    auto count = static_cast<std::size_t>(bitmap_width(block) * block.place.height);
    return std::as_bytes(std::span(raw_)).first(count * 4);
  }
  ByteView flat(std::uint32_t colour, int width, int height) override {
    return encoder_.encode_flat(colour, width, height, skip_alpha_);
  }

 private:
  bool skip_alpha_;
  PlanarEncoder encoder_;
  std::array<std::uint32_t, kPartSize * kPartSize> raw_;
};

std::unique_ptr<BitmapEncoder::Coder> BitmapEncoder::make_coder(const BitmapOptions& options) {
  switch (options.depth) {
    case Depth::k8:
      return std::make_unique<Coder8>();
    case Depth::k15:
    case Depth::k16:
      return std::make_unique<Coder16>(options.depth);
    case Depth::k24:
      return std::make_unique<Coder24>();
    case Depth::k32:
      break;
  }
  return std::make_unique<Coder32>(options.skip_alpha);
}

BitmapEncoder::BitmapEncoder(const BitmapOptions& options) : options_(options), coder_(make_coder(options)) {}

BitmapEncoder::~BitmapEncoder() = default;

std::uint32_t BitmapEncoder::significant_bits(Depth depth) {
  switch (depth) {
    case Depth::k15:
      return 0x00f8f8f8;
    case Depth::k16:
      return 0x00f8fcf8;
    default:
      return 0x00ffffff;
  }
}

void BitmapEncoder::encode(const PixelBlock& block, EncodedSink& sink) {
  const Rect& all = block.place;
  for (int y = 0; y < all.height; y += kPartSize) {
    for (int x = 0; x < all.width;) {
      Rect part{all.x + x, all.y + y, std::min(kPartSize, all.width - x),
                std::min(kPartSize, all.height - y)};
      if (options_.compress) part = widened(block, part);
      part.width > kPartSize ? encode_flat(part_of(block, part), sink)
                             : encode_part(part_of(block, part), sink);
      x += part.width;
    }
  }
}

void BitmapEncoder::encode_flat(const PixelBlock& block, EncodedSink& sink) {
  const Rect& place = block.place;
  EncodedRect rect{place.x, place.y, place.x + place.width - 1, place.y + place.height - 1};
  rect.width = bitmap_width(block);
  rect.height = place.height;
  rect.bits_per_pixel = static_cast<int>(options_.depth);
  rect.compressed = true;
  rect.data = coder_->flat(*block.row(0), rect.width, rect.height);
  sink.put(rect);
}

void BitmapEncoder::encode_part(const PixelBlock& block, EncodedSink& sink) {
  const Rect& place = block.place;
  EncodedRect rect{place.x, place.y, place.x + place.width - 1, place.y + place.height - 1};
  rect.width = bitmap_width(block);
  rect.height = place.height;
  rect.bits_per_pixel = static_cast<int>(options_.depth);
  if (options_.compress) {
    rect.data = coder_->compressed(block);
    rect.compressed = true;
    if (!rect.data.empty() && rect.data.size() <= kMaxEncodedBytes) return sink.put(rect);
  }
  rect.compressed = false;
  ByteView rows = coder_->raw(block);
  const auto row_bytes = static_cast<std::size_t>(rect.row_bytes());
  const int strips = static_cast<int>((rows.size() + kMaxEncodedBytes - 1) / kMaxEncodedBytes);
  const int strip_height = (place.height + strips - 1) / strips;
  // Rows are bottom-up, and so are the strips.
  for (int left = place.height; left > 0; left -= rect.height) {
    rect.height = std::min(strip_height, left);
    rect.bottom = place.y + left - 1;
    rect.top = rect.bottom - rect.height + 1;
    auto size = row_bytes * static_cast<std::size_t>(rect.height);
    rect.data = rows.first(size);
    rows = rows.subspan(size);
    sink.put(rect);
  }
}

}  // namespace ts::codec
