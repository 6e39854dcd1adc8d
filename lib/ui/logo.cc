#include "lib/ui/logo.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <vector>

namespace ts::ui {
namespace {

constexpr std::size_t kLargestFile = 1024 * 1024;
constexpr std::uint32_t kMostPixels = 1024;  // each way

struct Source {
  const std::vector<char>& bytes;
  std::size_t at = 0;
};

cairo_status_t read_some(void* closure, unsigned char* out, unsigned int length) {
  auto& source = *static_cast<Source*>(closure);
  if (length > source.bytes.size() - source.at) return CAIRO_STATUS_READ_ERROR;
  std::memcpy(out, source.bytes.data() + source.at, length);
  source.at += length;
  return CAIRO_STATUS_SUCCESS;
}

std::uint32_t big_endian(const char* bytes) {
  std::array<unsigned char, 4> b{};
  std::memcpy(b.data(), bytes, b.size());
  return (std::uint32_t{b[0]} << 24) | (std::uint32_t{b[1]} << 16) | (std::uint32_t{b[2]} << 8) | b[3];
}

}  // namespace

Result<Surface> load_logo_file(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return fail_errno("opening it");
  std::vector<char> bytes(kLargestFile + 1);
  in.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  bytes.resize(static_cast<std::size_t>(std::max<std::streamsize>(in.gcount(), 0)));
  if (bytes.size() > kLargestFile)
    return fail(ErrorCode::kConfig, "it is larger than {} bytes", kLargestFile);
  // [PNG] 5.2 signature, 11.2.2 IHDR: looked at before the decoder allocates by them.
  constexpr std::size_t kHeader = 24, kWidthAt = 16, kHeightAt = 20;
  if (bytes.size() < kHeader || std::memcmp(bytes.data(), "\x89PNG\r\n\x1a\n", 8) != 0) {
    return fail(ErrorCode::kConfig, "it is not a PNG file");
  }
  const std::uint32_t width = big_endian(&bytes[kWidthAt]), height = big_endian(&bytes[kHeightAt]);
  if (width == 0 || height == 0 || width > kMostPixels || height > kMostPixels) {
    return fail(ErrorCode::kConfig, "its size {}x{} is not between 1x1 and {}x{}", width, height, kMostPixels,
                kMostPixels);
  }
  Source source{bytes};
  Surface surface(cairo_image_surface_create_from_png_stream(read_some, &source));
  if (cairo_surface_status(surface.get()) != CAIRO_STATUS_SUCCESS) {
    return fail(ErrorCode::kConfig, "it is not a whole PNG file");
  }
  return surface;
}

}  // namespace ts::ui
