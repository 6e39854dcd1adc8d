#include "lib/ui/scene.h"

#include <algorithm>

namespace ts::ui {

Box Box::intersected(const Box& other) const {
  const int left = std::max(x, other.x), top = std::max(y, other.y);
  const int right = std::min(x + width, other.x + other.width),
            bottom = std::min(y + height, other.y + other.height);
  if (right <= left || bottom <= top) return {};
  return {left, top, right - left, bottom - top};
}

Box Box::united(const Box& other) const {
  if (empty()) return other;
  if (other.empty()) return *this;
  const int left = std::min(x, other.x), top = std::min(y, other.y);
  const int right = std::max(x + width, other.x + other.width),
            bottom = std::max(y + height, other.y + other.height);
  return {left, top, right - left, bottom - top};
}

const Item* Scene::at(int x, int y) const {
  const auto hit = [&](const Item& item) { return item.widget != Widget{} && item.box.contains(x, y); };
  const auto found = std::find_if(items.rbegin(), items.rend(), hit);
  return found == items.rend() ? nullptr : &*found;
}

Box Scene::extent() const {
  Box out;
  for (const Item& item : items) out = out.united(item.box);
  return out.intersected({0, 0, width, height});
}

std::vector<Box> changes(const Scene& before, const Scene& now) {
  std::vector<Box> out;
  const Box picture{0, 0, now.width, now.height};
  const auto add = [&](Box box) {
    box = box.intersected(picture);
    if (box.empty()) return;
    // What overlaps becomes one; that may overlap others in turn.
    for (auto other = out.begin(); other != out.end();) {
      if (other->intersected(box).empty()) {
        ++other;
        continue;
      }
      box = box.united(*other);
      out.erase(other);
      other = out.begin();
    }
    out.push_back(box);
  };
  const auto missing = [](const std::vector<Item>& items, const Item& item) {
    return std::find(items.begin(), items.end(), item) == items.end();
  };
  const bool rescaled = before.scale != now.scale;
  for (const Item& item : before.items) {
    if (rescaled || missing(now.items, item)) add(item.box);
  }
  for (const Item& item : now.items) {
    if (rescaled || missing(before.items, item)) add(item.box);
  }
  return out;
}

}  // namespace ts::ui
