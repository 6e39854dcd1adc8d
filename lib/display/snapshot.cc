#include "lib/display/snapshot.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include <vector>

namespace ts::display {
namespace {

constexpr std::uint16_t kMostSide =
    8192;  // sessions.max_size; a stranger's sparse file claims any size for nothing
constexpr int kSeals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;

Result<> read_row(int file, std::size_t at, std::span<std::byte> row) {
  ssize_t got = ::pread(file, row.data(), row.size(), static_cast<off_t>(at));
  if (got < 0) return fail_errno("reading the framebuffer");
  if (static_cast<std::size_t>(got) != row.size())
    return fail(ErrorCode::kMalformed, "the framebuffer is shorter than the desktop");
  return {};
}

Result<> write_all(int file, ByteView bytes) {
  while (!bytes.empty()) {
    ssize_t written = ::write(file, bytes.data(), bytes.size());
    if (written <= 0) return fail_errno("writing a picture");
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return {};
}

}  // namespace

Result<Snapshot> take_snapshot(int framebuffer, const FramebufferLayout& layout, Size size) {
  if (size.width == 0 || size.height == 0 || size.width > layout.max_size.width ||
      size.height > layout.max_size.height) {
    return fail(ErrorCode::kMalformed, "no picture can be taken of {}x{} pixels", size.width, size.height);
  }
  Snapshot out;
  out.file.reset(::memfd_create("picture", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!out.file) return fail_errno("memfd_create");
  if (::fchmod(out.file.get(), 0600) != 0) return fail_errno("fchmod of a picture");
  // Written, not mapped: memory that is not there is an error then, and no fault.
  std::vector<std::byte> row(size.width * std::size_t{4});
  for (std::size_t y = 0; y < size.height; ++y) {
    TS_TRY(read_row(framebuffer, layout.offset + y * layout.stride, row));
    TS_TRY(write_all(out.file.get(), row));
  }
  if (::fcntl(out.file.get(), F_ADD_SEALS, kSeals) != 0) return fail_errno("sealing a picture");
  out.geometry.stride = static_cast<std::uint32_t>(row.size());
  out.geometry.width = size.width;
  out.geometry.height = size.height;
  return out;
}

Result<FramebufferView> view_snapshot(const Snapshot& snapshot) {
  if (snapshot.geometry.width > kMostSide || snapshot.geometry.height > kMostSide) {
    return fail(ErrorCode::kMalformed, "a picture of {}x{} pixels, more than a desktop has",
                snapshot.geometry.width, snapshot.geometry.height);
  }
  // Only memory files have seals; asked for first, as other files may make those wait who look at them.
  int seals = ::fcntl(snapshot.file.get(), F_GET_SEALS);
  if (seals < 0) return fail(ErrorCode::kMalformed, "a picture that is no memory file");
  if ((seals & kSeals) != kSeals) return fail(ErrorCode::kMalformed, "a picture that could still change");
  // Those of huge pages can be mapped and then not be there.
  struct statfs kind {};
  if (::fstatfs(snapshot.file.get(), &kind) != 0 || kind.f_type != TMPFS_MAGIC)
    return fail(ErrorCode::kMalformed, "a picture that is no ordinary memory file");
  TS_TRY_ASSIGN(auto view, FramebufferView::map(snapshot.file));
  TS_TRY(view.set_geometry(snapshot.geometry));
  return view;
}

}  // namespace ts::display
