#include "cmd/tslogon/layout.h"

#include <algorithm>
#include <cmath>

#include "cmd/tslogon/page_writer.h"

namespace ts::logon {
namespace {

// In pixels at scale 1.
constexpr double kCardWidth = 400, kListCardWidth = 560, kPadding = 30, kMargin = 8;
// The card's top does not move when a notice makes it higher: as if it were this high, a bit above the
// middle.
constexpr double kUsualHeight = 440, kAboveMiddle = 0.46;
constexpr double kSmallestScale = 0.35;

/// What a page is laid out by: the scale of everything, and how much of the usual room is left between
/// things.
struct Measures {
  double scale = 1, room = 1;
};
constexpr double kTight = 0.55;

double card_width(const Model& model) {
  const bool list = std::holds_alternative<ChoicePage>(model.page()) && !model.choosing_keyboard();
  return list ? kListCardWidth : kCardWidth;
}

Scene lay_out_by(const Measures& by, const Model& model, const Surroundings& around, const Catalogue& tr,
                 const TextMeasure& text) {
  const auto pixels = [&](double length) { return static_cast<int>(std::lround(length * by.scale)); };
  Scene scene{.width = around.width, .height = around.height, .scale = by.scale};
  const int margin = pixels(kMargin);
  const int width = std::min(pixels(card_width(model)), around.width);
  PageWriter page(scene, text, {0, 0, width, around.height - 2 * margin}, pixels(kPadding), by.room);
  write_page(page, model, around, tr);
  const int height = page.bottom();
  const Item card{.kind = Item::Kind::kCard, .box = {0, 0, width, height}, .colour = Colour::kCard};
  scene.items.insert(scene.items.begin(), card);
  int top = static_cast<int>(around.height * kAboveMiddle) - pixels(kUsualHeight) / 2;
  if (top < margin)
    top = static_cast<int>((around.height - height) * kAboveMiddle);  // a low screen: in the middle
  top = std::max(std::min(top, around.height - height - margin), 0);
  const int left = (around.width - width) / 2;
  for (Item& item : scene.items) {
    item.box.x += left;
    item.box.y += top;
  }
  return scene;
}

}  // namespace

Scene lay_out(const Model& model, const Surroundings& around, const Catalogue& tr, const TextMeasure& text) {
  Measures by{.scale = around.wanted_scale};
  for (;;) {
    Scene scene = lay_out_by(by, model, around, tr, text);
    const Box card = scene.items.front().box;
    const double fit =
        std::min(static_cast<double>(around.height) / card.height, around.width / (kCardWidth * by.scale));
    if (fit >= 1 || by.scale <= kSmallestScale) return scene;
    // Things move together before they become smaller.
    if (by.room > kTight) {
      by.room = kTight;
    } else {
      by.scale = std::max(std::min(by.scale * fit, by.scale - 0.05), kSmallestScale);
    }
  }
}

}  // namespace ts::logon
