// The framebuffer from both ends. A stack maps it read-only (FramebufferView) and believes its own mapping's
// length and nothing else; tsdisplay reads where the pixels are from the file's header (framebuffer_layout)
// and gives the pages outside the desktop back (give_back_outside).
//
// The file is an XWD header, big-endian whatever the host is, then rows of the largest size. What the session
// draws changes under a reader's hands: read each pixel once, or copy it first.
#pragma once

#include <cstddef>
#include <cstdint>

#include "lib/base/bytes.h"
#include "lib/base/result.h"
#include "lib/base/unique_fd.h"
#include "lib/display/display_messages.h"
#include "lib/display/server.h"

namespace ts::display {

/// A read-only mapping and the part of it that is the desktop now.
class FramebufferView {
 public:
  static Result<FramebufferView> map(const UniqueFd& file);
  FramebufferView(FramebufferView&& other) noexcept;
  FramebufferView& operator=(FramebufferView&& other) noexcept;
  ~FramebufferView();

  /// Takes what tsdisplay says after checking it against the mapping; refused (kMalformed), the former one
  /// stays.
  Result<> set_geometry(const Geometry& geometry);

  Size size() const { return {geometry_.width, geometry_.height}; }
  std::size_t stride() const { return geometry_.stride; }
  /// From the first pixel to the end of the mapping: at least the rows of size(), stride() apart.
  ByteView pixels() const { return mapping_.subspan(geometry_.offset); }
  /// width * 4 bytes, B G R X; `y` below size().height.
  ByteView row(std::size_t y) const {
    return mapping_.subspan(geometry_.offset + y * geometry_.stride, std::size_t{geometry_.width} * 4);
  }

 private:
  explicit FramebufferView(ByteView mapping) : mapping_(mapping) {}
  ByteView mapping_;
  Geometry geometry_;
};

/// Where the pixels are in the file, and the size it was made for.
struct FramebufferLayout {
  std::uint32_t offset = 0;
  std::uint32_t stride = 0;
  Size max_size;
};

/// Reads the header of an XWD file and checks it against the file's length.
Result<FramebufferLayout> framebuffer_layout(int file);

/// Frees the pages that hold nothing of a desktop of `size`, where nothing outside of `touched` was drawn to
/// since that was done last: every row that was wider costs a call. Nobody may draw outside meanwhile.
Result<> give_back_outside(int file, const FramebufferLayout& layout, Size size, Size touched);

}  // namespace ts::display
