// A set of pixels as rectangles (pixman): what changed on the desktop since somebody last asked.
#pragma once

#include <pixman.h>

#include <span>

#include "lib/display/display_messages.h"
#include "lib/display/server.h"

namespace ts::display {

class Region {
 public:
  Region() { pixman_region32_init(&region_); }
  explicit Region(const Rect& rect) {
    pixman_region32_init_rect(&region_, rect.x, rect.y, rect.width, rect.height);
  }
  Region(const Region& other) : Region() { pixman_region32_copy(&region_, &other.region_); }
  Region& operator=(const Region& other) {
    pixman_region32_copy(&region_, &other.region_);
    return *this;
  }
  ~Region() { pixman_region32_fini(&region_); }

  bool empty() const { return pixman_region32_not_empty(&region_) == 0; }
  void clear() { pixman_region32_clear(&region_); }
  void add(const Rect& rect);
  void add(const Region& other) { pixman_region32_union(&region_, &region_, &other.region_); }
  /// Keeps what lies on a desktop of this size.
  void clip(Size size) { pixman_region32_intersect_rect(&region_, &region_, 0, 0, size.width, size.height); }

  /// Writes rectangles that cover the region (not much more when it needs more of them than `out` has room
  /// for) and returns how many. `out` must have room for kMaxDamageRects.
  std::size_t cover(std::span<Rect> out) const;

 private:
  mutable pixman_region32_t region_;  // pixman's queries take it non-const
};

}  // namespace ts::display
