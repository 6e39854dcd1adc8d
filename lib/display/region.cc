#include "lib/display/region.h"

#include <cassert>

namespace ts::display {
namespace {

Rect to_rect(const pixman_box32_t& box) {
  auto narrow = [](int value) { return static_cast<std::uint16_t>(value); };
  return {narrow(box.x1), narrow(box.y1), narrow(box.x2 - box.x1), narrow(box.y2 - box.y1)};
}

}  // namespace

void Region::add(const Rect& rect) {
  pixman_region32_union_rect(&region_, &region_, rect.x, rect.y, rect.width, rect.height);
}

std::size_t Region::cover(std::span<Rect> out) const {
  assert(out.size() >= kMaxDamageRects);
  int count = 0;
  const pixman_box32_t* boxes = pixman_region32_rectangles(&region_, &count);
  if (count <= static_cast<int>(kMaxDamageRects)) {
    for (int i = 0; i < count; ++i) out[static_cast<std::size_t>(i)] = to_rect(boxes[i]);
    return static_cast<std::size_t>(count);
  }
  // Too many: lay a grid over it and take what each cell bounds, so that far corners stay apart.
  constexpr int kCells = 8;
  static_assert(kCells * kCells <= static_cast<int>(kMaxDamageRects));
  const pixman_box32_t extents = *pixman_region32_extents(&region_);
  const int width = (extents.x2 - extents.x1 + kCells - 1) / kCells;
  const int height = (extents.y2 - extents.y1 + kCells - 1) / kCells;
  std::size_t used = 0;
  pixman_region32_t part;
  pixman_region32_init(&part);
  for (int cell = 0; cell < kCells * kCells; ++cell) {
    pixman_region32_intersect_rect(&part, &region_, extents.x1 + cell % kCells * width,
                                   extents.y1 + cell / kCells * height, static_cast<unsigned>(width),
                                   static_cast<unsigned>(height));
    if (pixman_region32_not_empty(&part)) out[used++] = to_rect(*pixman_region32_extents(&part));
  }
  pixman_region32_fini(&part);
  return used;
}

}  // namespace ts::display
