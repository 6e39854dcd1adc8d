// The picture as a list of items, in the order in which they are painted: what the layout makes and the
// painter paints. Two scenes compared say which rectangles changed, so that only those are painted and sent.
// Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ts::ui {

/// What can have the focus or be clicked. Each program has its own, and says which there are; 0: nothing.
enum class Widget : int;

struct Box {
  int x = 0, y = 0, width = 0, height = 0;

  bool contains(int px, int py) const { return px >= x && py >= y && px < x + width && py < y + height; }
  bool empty() const { return width <= 0 || height <= 0; }
  Box intersected(const Box& other) const;
  Box united(const Box& other) const;
  friend bool operator==(const Box&, const Box&) = default;
};

enum class Font { kTitle, kSubtitle, kBody, kLabel, kStrong };
enum class Colour {
  kBackground,
  kCard,
  kText,
  kQuiet,
  kAccent,
  kOnAccent,
  kWarning,
  kError,
  kErrorFill,
  kInfo,
  kInfoFill,
  kLine,
  kField,
  kSelected
};

struct Item {
  enum class Kind { kCard, kLogo, kText, kNotice, kField, kButton, kQuietButton, kRow, kScrollBar };
  Kind kind = Kind::kText;
  Box box;
  Widget widget{};
  std::size_t row = 0;
  std::string text, detail;  // of a secret field: nothing
  Font font = Font::kBody;
  Colour colour = Colour::kText;
  bool right = false;                    // text at the right end
  bool focused = false, active = false;  // active: pressed, or the selected row
  bool secret = false;
  std::size_t dots = 0, cursor = 0;   // cursor: a byte, in a secret field a dot
  int lines = 1;                      // at most
  int scrolled = 0;                   // pixels of a text that are above its box
  double part_from = 0, part_to = 1;  // of a scroll bar
  friend bool operator==(const Item&, const Item&) = default;
};

struct Scene {
  int width = 0, height = 0;
  double scale = 1;
  std::vector<Item> items;
  std::size_t visible_rows = 0;  // of the list, when there is one

  /// The topmost item with a widget there.
  const Item* at(int x, int y) const;
  /// All that is not background.
  Box extent() const;
};

/// What has to be painted to make `now` of `before`; boxes do not overlap and are inside the picture.
std::vector<Box> changes(const Scene& before, const Scene& now);

}  // namespace ts::ui
