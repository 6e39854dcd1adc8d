// Pictures to encode, made from a seed, and FreeRDP's decoders to read back what became of them.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "lib/codec/bitmap_encoder.h"

namespace ts::codec::testing {

struct Image {
  int width = 0, height = 0;
  std::vector<std::uint32_t> pixels;  // 0x00RRGGBB

  Image(int w, int h, std::uint32_t fill = 0);
  std::uint32_t& at(int x, int y) {
    return pixels[static_cast<std::size_t>(y) * static_cast<std::size_t>(width) +
                  static_cast<std::size_t>(x)];
  }
  std::uint32_t at(int x, int y) const { return const_cast<Image*>(this)->at(x, y); }
  PixelBlock block() const { return {pixels.data(), static_cast<std::size_t>(width), {0, 0, width, height}}; }
};

/// Reproducible numbers, the same with every library.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed * 2 + 1) {}
  std::uint32_t next();
  int below(int limit) { return static_cast<int>(next() % static_cast<std::uint32_t>(limit)); }

 private:
  std::uint64_t state_;
};

Image noise(int width, int height, std::uint64_t seed);
Image gradient(int width, int height);
/// Black glyphs of a few pixels on white, sharp.
Image text(int width, int height, std::uint64_t seed);
/// Text with shades at the edges, as fonts are drawn today.
Image smooth_text(int width, int height, std::uint64_t seed);
/// Smooth areas with a little noise.
Image photo(int width, int height, std::uint64_t seed);
/// Two colours in turns, pixel by pixel, lines shifted.
Image dither(int width, int height, std::uint32_t one, std::uint32_t other);
/// Runs, copies of the row below with a few changes, lonely pixels and noise: what makes an encoder change
/// its mind.
Image mixture(int width, int height, std::uint64_t seed);
/// All of the above at this size, with names.
std::vector<std::pair<std::string, Image>> all_kinds(int width, int height, std::uint64_t seed);

/// What a pixel looks like at a depth, as a value of that depth.
std::uint32_t shown_at(Depth depth, std::uint32_t pixel);

/// Paints rectangles as a client does, with FreeRDP's decoders. Values are those of the depth.
class Client : public EncodedSink {
 public:
  Client(Depth depth, int width, int height);
  Client(Client&&) noexcept;
  ~Client() override;
  void put(const EncodedRect& rect) override;

  /// The first pixel that is not what `image` looks like at this depth, or nothing.
  std::string difference(const Image& image) const;

  int rects = 0, raw_rects = 0;
  std::size_t bytes = 0;
  /// What was wrong with a rectangle itself, in words.
  std::string complaint;

 private:
  struct Decoders;
  std::vector<std::uint32_t> decode(const EncodedRect& rect);

  Depth depth_;
  int width_, height_;
  std::vector<std::uint32_t> shown_;
  std::vector<int> painted_;  // how often each pixel was
  std::unique_ptr<Decoders> decoders_;
};

}  // namespace ts::codec::testing
