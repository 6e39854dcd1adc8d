#include "lib/codec/png.h"

#include <png.h>

#include <cstring>
#include <vector>

#include "lib/codec/convert.h"

namespace ts::codec {

Result<Bytes> encode_png(const FrameView& picture) {
  if (picture.width() == 0) return fail(ErrorCode::kMalformed, "there is no picture");
  const auto width = static_cast<std::size_t>(picture.width());
  std::vector<std::uint32_t> row(width);  // rows of a mapping may stand at any byte
  std::vector<std::uint8_t> packed(width * 3 * static_cast<std::size_t>(picture.height()));
  for (int y = 0; y < picture.height(); ++y) {
    std::memcpy(row.data(), picture.row(y), width * sizeof row[0]);
    convert_to_24(row.data(), picture.width(), packed.data() + static_cast<std::size_t>(y) * width * 3);
  }
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = static_cast<png_uint_32>(picture.width());
  image.height = static_cast<png_uint_32>(picture.height());
  image.format = PNG_FORMAT_BGR;
  png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(image);
  Bytes out(size);
  if (png_image_write_to_memory(&image, out.data(), &size, 0, packed.data(), 0, nullptr) == 0)
    return fail(ErrorCode::kInternal, "libpng: {}", image.message);
  out.resize(size);
  return out;
}

}  // namespace ts::codec
