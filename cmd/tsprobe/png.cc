#include "cmd/tsprobe/png.h"

#include <png.h>

#include <cerrno>
#include <cstdio>
#include <memory>
#include <vector>

namespace ts::probe {

Result<> write_png(const codec::ReceivedPicture& picture, const std::string& file) {
  std::vector<png_byte> rgb;
  rgb.reserve(picture.pixels().size() * 3);
  for (auto pixel : picture.pixels()) {
    rgb.push_back(static_cast<png_byte>(pixel >> 16));
    rgb.push_back(static_cast<png_byte>(pixel >> 8));
    rgb.push_back(static_cast<png_byte>(pixel));
  }
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = static_cast<png_uint_32>(picture.width());
  image.height = static_cast<png_uint_32>(picture.height());
  image.format = PNG_FORMAT_RGB;
  auto close = [](std::FILE* open) { return std::fclose(open); };
  std::unique_ptr<std::FILE, decltype(close)> out(std::fopen(file.c_str(), "wbe"), close);
  if (!out) return fail_errno(fmt::format("cannot write '{}'", file));
  bool written = png_image_write_to_stdio(&image, out.get(), 0, rgb.data(), 0, nullptr) != 0;
  int number = errno;
  bool flushed = std::fclose(out.release()) == 0;
  if (!written && image.message[0] != '\0')
    return fail(ErrorCode::kSystem, "cannot write '{}': {}", file, image.message);
  if (!written || !flushed)
    return fail_errno(fmt::format("cannot write '{}'", file), flushed ? number : errno);
  return {};
}

}  // namespace ts::probe
