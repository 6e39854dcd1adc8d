#include <fmt/format.h>
#include <freerdp/codec/interleaved.h>
#include <freerdp/codec/planar.h>

#include "tests/unit/codec/images.h"

namespace ts::codec::testing {

struct Client::Decoders {
  BITMAP_PLANAR_CONTEXT* planar = freerdp_bitmap_planar_context_new(0, 2304, 256);
  BITMAP_INTERLEAVED_CONTEXT* interleaved = bitmap_interleaved_context_new(FALSE);
  gdiPalette palette{};

  Decoders() {
    // A palette that shows indexes: colour i is blue i.
    palette.format = PIXEL_FORMAT_BGRX32;
    for (std::uint32_t i = 0; i < 256; ++i)
      palette.palette[i] = FreeRDPGetColor(palette.format, 0, 0, i & 0xff, 0xff);
  }
  ~Decoders() {
    freerdp_bitmap_planar_context_free(planar);
    bitmap_interleaved_context_free(interleaved);
  }
};

Client::Client(Depth depth, int width, int height)
    : depth_(depth),
      width_(width),
      height_(height),
      shown_(static_cast<std::size_t>(width * height)),
      painted_(static_cast<std::size_t>(width * height)),
      decoders_(std::make_unique<Decoders>()) {}

Client::Client(Client&&) noexcept = default;
Client::~Client() = default;

namespace {

/// The values in rows of pixels of `bytes` bytes each, bottom row first, top row first.
std::vector<std::uint32_t> flip(ByteView data, int width, int height, int bytes) {
  std::vector<std::uint32_t> values;
  for (int y = height - 1; y >= 0; --y) {
    for (int x = 0; x < width; ++x) {
      std::uint32_t value = 0;
      for (int i = bytes - 1; i >= 0; --i) {
        value = value << 8 |
                std::to_integer<std::uint32_t>(data[static_cast<std::size_t>((y * width + x) * bytes + i)]);
      }
      values.push_back(value & 0xffffff);
    }
  }
  return values;
}

}  // namespace

std::vector<std::uint32_t> Client::decode(const EncodedRect& rect) {
  const int bytes = (rect.bits_per_pixel + 7) / 8;
  if (!rect.compressed) {
    if (rect.data.size() != static_cast<std::size_t>(rect.raw_bytes())) {
      complaint = "raw data of a wrong length";
      return {};
    }
    return flip(rect.data, rect.width, rect.height, bytes);
  }
  if (rect.data.size() >= static_cast<std::size_t>(rect.raw_bytes()))
    complaint = "compressed and yet no smaller";
  auto* source = reinterpret_cast<const BYTE*>(rect.data.data());
  auto size = static_cast<UINT32>(rect.data.size());
  auto width = static_cast<UINT32>(rect.width), height = static_cast<UINT32>(rect.height);
  std::vector<std::uint32_t> out(width * height, 0xdeadbeef);
  auto* to = reinterpret_cast<BYTE*>(out.data());
  bool good = false;
  if (depth_ == Depth::k32) {
    good = planar_decompress(decoders_->planar, source, size, width, height, to, PIXEL_FORMAT_BGRX32,
                             width * 4, 0, 0, width, height, TRUE);
  } else if (depth_ == Depth::k15 || depth_ == Depth::k16) {
    // Into its own format, so that nothing is rounded on the way.
    std::vector<std::uint16_t> narrow(width * height);
    good = interleaved_decompress(decoders_->interleaved, source, size, width, height,
                                  static_cast<UINT32>(rect.bits_per_pixel),
                                  reinterpret_cast<BYTE*>(narrow.data()),
                                  depth_ == Depth::k15 ? PIXEL_FORMAT_RGB15 : PIXEL_FORMAT_RGB16, width * 2,
                                  0, 0, width, height, nullptr);
    out.assign(narrow.begin(), narrow.end());
  } else {
    good = interleaved_decompress(decoders_->interleaved, source, size, width, height,
                                  static_cast<UINT32>(rect.bits_per_pixel), to, PIXEL_FORMAT_BGRX32,
                                  width * 4, 0, 0, width, height, &decoders_->palette);
  }
  if (!good) {
    complaint = "the decoder refuses it";
    return {};
  }
  for (auto& pixel : out) pixel &= 0xffffff;
  return out;
}

void Client::put(const EncodedRect& rect) {
  ++rects;
  raw_rects += rect.compressed ? 0 : 1;
  bytes += rect.data.size();
  if (rect.bits_per_pixel != static_cast<int>(depth_)) complaint = "wrong depth";
  if (rect.data.empty() || rect.data.size() > kMaxEncodedBytes) complaint = "wrong amount of data";
  int shown = rect.right - rect.left + 1;
  if (rect.left < 0 || rect.top < 0 || rect.right >= width_ || rect.bottom >= height_ ||
      rect.width % 4 != 0 || shown > rect.width || shown + 3 < rect.width ||
      rect.bottom - rect.top + 1 != rect.height) {
    complaint = fmt::format("wrong place {},{} {},{} for {}x{}", rect.left, rect.top, rect.right, rect.bottom,
                            rect.width, rect.height);
    return;
  }
  auto pixels = decode(rect);
  if (pixels.empty()) return;
  for (int y = 0; y < rect.height; ++y) {
    for (int x = 0; x < shown; ++x) {
      auto to = static_cast<std::size_t>((rect.top + y) * width_ + rect.left + x);
      shown_[to] = pixels[static_cast<std::size_t>(y * rect.width + x)];
      ++painted_[to];
    }
  }
}

std::string Client::difference(const Image& image) const {
  if (!complaint.empty()) return complaint;
  for (int y = 0; y < height_; ++y) {
    for (int x = 0; x < width_; ++x) {
      auto at = static_cast<std::size_t>(y * width_ + x);
      std::uint32_t want = shown_at(depth_, image.at(x, y));
      if (painted_[at] == 0) return fmt::format("{},{} was never painted", x, y);
      if (shown_[at] != want) return fmt::format("{},{} is {:06x}, not {:06x}", x, y, shown_[at], want);
    }
  }
  return {};
}

}  // namespace ts::codec::testing
