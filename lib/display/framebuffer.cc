#include "lib/display/framebuffer.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <utility>

namespace ts::display {
namespace {

constexpr std::size_t kBytesPerPixel = 4;

Result<std::size_t> file_size(int file) {
  struct stat status {};
  if (::fstat(file, &status) != 0) return fail_errno("fstat of the framebuffer");
  return static_cast<std::size_t>(status.st_size);
}

bool fits(std::size_t length, std::size_t offset, std::size_t stride, Size size) {
  std::size_t row = size.width * kBytesPerPixel;
  if (size.width == 0 || size.height == 0 || stride < row || offset > length) return false;
  return (size.height - 1) * stride + row <= length - offset;  // 16 and 32 bits: no overflow in 64
}

}  // namespace

Result<FramebufferView> FramebufferView::map(const UniqueFd& file) {
  TS_TRY_ASSIGN(auto length, file_size(file.get()));
  if (length == 0) return fail(ErrorCode::kMalformed, "the framebuffer is empty");
  void* at = ::mmap(nullptr, length, PROT_READ, MAP_SHARED, file.get(), 0);
  if (at == MAP_FAILED) return fail_errno("mapping the framebuffer");
  return FramebufferView({static_cast<const std::byte*>(at), length});
}

FramebufferView::FramebufferView(FramebufferView&& other) noexcept
    : mapping_(std::exchange(other.mapping_, {})), geometry_(std::exchange(other.geometry_, {})) {}

FramebufferView& FramebufferView::operator=(FramebufferView&& other) noexcept {
  std::swap(mapping_, other.mapping_);
  std::swap(geometry_, other.geometry_);
  return *this;
}

FramebufferView::~FramebufferView() {
  if (!mapping_.empty()) ::munmap(const_cast<std::byte*>(mapping_.data()), mapping_.size());
}

Result<> FramebufferView::set_geometry(const Geometry& geometry) {
  if (geometry.version != kDisplayProtocolVersion) {
    return fail(ErrorCode::kMalformed, "display protocol {} is not known", geometry.version);
  }
  if (!fits(mapping_.size(), geometry.offset, geometry.stride, {geometry.width, geometry.height})) {
    return fail(ErrorCode::kMalformed, "a desktop of {}x{} does not fit into {} bytes (offset {}, stride {})",
                geometry.width, geometry.height, mapping_.size(), geometry.offset, geometry.stride);
  }
  geometry_ = geometry;
  return {};
}

Result<FramebufferLayout> framebuffer_layout(int file) {
  // XWDFile.h: 25 CARD32. Those that count, by index:
  constexpr std::size_t kHeaderSize = 0, kVersion = 1, kWidth = 4, kHeight = 5, kByteOrder = 7,
                        kBitsPerPixel = 11, kBytesPerLine = 12, kColours = 19, kFields = 25, kColourSize = 12;
  std::array<std::byte, kFields * 4> bytes{};
  if (::pread(file, bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
    return fail(ErrorCode::kMalformed, "the framebuffer has no header");
  }
  ByteReader reader(bytes);
  std::array<std::uint32_t, kFields> field{};
  for (auto& value : field) value = reader.u32be();
  if (field[kVersion] != 7 || field[kBitsPerPixel] != 8 * kBytesPerPixel || field[kByteOrder] != 0 ||
      field[kWidth] > 0xffff || field[kHeight] > 0xffff || field[kHeaderSize] > 0xffff ||
      field[kColours] > 0xffff) {
    return fail(ErrorCode::kMalformed, "the framebuffer's header is not that of 32-bit pixels");
  }
  FramebufferLayout layout;
  layout.offset = field[kHeaderSize] + field[kColours] * kColourSize;
  layout.stride = field[kBytesPerLine];
  layout.max_size = {static_cast<std::uint16_t>(field[kWidth]), static_cast<std::uint16_t>(field[kHeight])};
  TS_TRY_ASSIGN(auto length, file_size(file));
  if (!fits(length, layout.offset, layout.stride, layout.max_size)) {
    return fail(ErrorCode::kMalformed, "the framebuffer is shorter than its header says");
  }
  return layout;
}

Result<> give_back_outside(int file, const FramebufferLayout& layout, Size size, Size touched) {
  if (touched.width <= size.width && touched.height <= size.height) return {};
  const std::size_t page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  auto punch = [&](std::size_t from, std::size_t to) -> bool {
    from = (from + page - 1) / page * page;  // whole pages inside only
    to = to / page * page;
    if (from >= to) return true;
    return ::fallocate(file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, static_cast<off_t>(from),
                       static_cast<off_t>(to - from)) == 0;
  };
  TS_TRY_ASSIGN(auto length, file_size(file));
  const std::size_t row = size.width * kBytesPerPixel;
  const std::size_t wider_rows = touched.width > size.width ? size.height - std::size_t{1} : 0;
  for (std::size_t y = 0; y < wider_rows; ++y) {
    std::size_t start = layout.offset + y * layout.stride;
    if (!punch(start + row, start + layout.stride)) return fail_errno("fallocate of the framebuffer");
  }
  std::size_t last = layout.offset + (size.height - std::size_t{1}) * layout.stride;
  if (!punch(last + row, length / page * page)) return fail_errno("fallocate of the framebuffer");
  return {};
}

}  // namespace ts::display
