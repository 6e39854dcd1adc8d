#include "cmd/tslogon/page_writer.h"

#include <algorithm>
#include <cmath>

namespace ts::logon {
namespace {

// In pixels at scale 1.
constexpr double kFieldHeight = 36, kLowFieldHeight = 31, kButtonHeight = 38, kQuietHeight = 30,
                 kRowHeight = 52, kLowRowHeight = 34;
constexpr double kNoticePadding = 10, kAfterField = 12, kLogoHeight = 56, kQuietPadding = 10, kScrollBar = 6;
constexpr int kNoticeLines = 6;

}  // namespace

int PageWriter::pixels(double length) const {
  return static_cast<int>(std::lround(length * scene_.scale));
}

void PageWriter::logo(int file_width, int file_height) {
  if (file_width <= 0 || file_height <= 0) return;
  const double shrink = std::min({scene_.scale, pixels(kLogoHeight) / static_cast<double>(file_height),
                                  this->width() / static_cast<double>(file_width)});
  const int width = std::max(1, static_cast<int>(file_width * shrink));
  const int height = std::max(1, static_cast<int>(file_height * shrink));
  scene_.items.push_back({.kind = Item::Kind::kLogo, .box = {left(), y_, width, height}});
  y_ += height;
}

void PageWriter::text(std::string text, Font font, Colour colour, int lines) {
  if (text.empty()) return;
  const auto extent = text_.measure(text, font, scene_.scale, width(), lines);
  scene_.items.push_back({.kind = Item::Kind::kText,
                          .box = {left(), y_, width(), extent.height},
                          .text = std::move(text),
                          .font = font,
                          .colour = colour,
                          .lines = lines});
  y_ += extent.height;
}

void PageWriter::notice(std::string text, bool calm) {
  if (text.empty()) return;
  const int padding = pixels(kNoticePadding);  // as the painter has it
  const auto extent = text_.measure(text, Font::kBody, scene_.scale, width() - 2 * padding, kNoticeLines);
  scene_.items.push_back({.kind = Item::Kind::kNotice,
                          .box = {left(), y_, width(), extent.height + 2 * padding},
                          .text = std::move(text),
                          .colour = calm ? Colour::kInfo : Colour::kError,
                          .lines = kNoticeLines});
  y_ += extent.height + 2 * padding;
}

void PageWriter::field(const Model& model, Widget widget, std::string label, std::string hint) {
  const TextField& field = *model.field(widget);
  if (!label.empty() || !hint.empty()) {
    const int height = text_.measure("Xg", Font::kLabel, scene_.scale, 0, 1).height;
    const int hint_width =
        hint.empty() ? 0 : text_.measure(hint, Font::kLabel, scene_.scale, 0, 1).width + pixels(2);
    scene_.items.push_back({.box = {left(), y_, std::max(width() - hint_width - pixels(8), 0), height},
                            .text = std::move(label),
                            .font = Font::kLabel,
                            .colour = Colour::kQuiet});
    if (!hint.empty()) {
      scene_.items.push_back({.box = {left() + width() - hint_width, y_, hint_width, height},
                              .text = std::move(hint),
                              .font = Font::kLabel,
                              .colour = Colour::kWarning,
                              .right = true});
    }
    y_ += height + pixels(3);
  }
  const bool secret = field.secret();
  const int high = pixels(room_ < 1 ? kLowFieldHeight : kFieldHeight);
  scene_.items.push_back({.kind = Item::Kind::kField,
                          .box = {left(), y_, width(), high},
                          .widget = widget,
                          .text = secret ? std::string() : std::string(field.text()),
                          .focused = model.focus() == widget,
                          .secret = secret,
                          .dots = secret ? field.length() : 0,
                          .cursor = secret ? field.cursor_character() : field.cursor()});
  y_ += high;
  gap(kAfterField);
}

void PageWriter::list(const Model& model, const std::vector<std::pair<std::string, std::string>>& rows,
                      int below) {
  const List& list = model.list();
  const bool low = std::all_of(rows.begin(), rows.end(), [](const auto& row) { return row.second.empty(); });
  const int height = pixels(low ? kLowRowHeight : kRowHeight);
  const int room = card_.height - y_ - vertical_padding() - below;
  const auto most = static_cast<std::size_t>(std::max(room / std::max(height, 1), 2));
  scene_.visible_rows = std::min(most, rows.size());
  const bool scrolls = rows.size() > scene_.visible_rows;
  const int bar = scrolls ? pixels(kScrollBar) + pixels(4) : 0;
  const std::size_t first = std::min(list.first, rows.size() - scene_.visible_rows);
  for (std::size_t row = first; row < first + scene_.visible_rows; ++row) {
    scene_.items.push_back(
        {.kind = Item::Kind::kRow,
         .box = {left(), y_ + static_cast<int>(row - first) * height, width() - bar, height},
         .widget = Widget::kList,
         .row = row,
         .text = rows[row].first,
         .detail = rows[row].second,
         .focused = model.focus() == Widget::kList,
         .active = list.selected == row});
  }
  const int shown = static_cast<int>(scene_.visible_rows) * height;
  if (scrolls) {
    const auto count = static_cast<double>(rows.size());
    scene_.items.push_back({.kind = Item::Kind::kScrollBar,
                            .box = {left() + width() - pixels(kScrollBar), y_, pixels(kScrollBar), shown},
                            .part_from = static_cast<double>(first) / count,
                            .part_to = static_cast<double>(first + scene_.visible_rows) / count});
  }
  y_ += shown;
}

void PageWriter::primary(const Model& model, std::string label) {
  scene_.items.push_back({.kind = Item::Kind::kButton,
                          .box = {left(), y_, width(), pixels(kButtonHeight)},
                          .widget = Widget::kPrimary,
                          .text = std::move(label),
                          .font = Font::kStrong,
                          .focused = model.focus() == Widget::kPrimary,
                          .active = model.pressed() == Widget::kPrimary});
  y_ += pixels(kButtonHeight);
}

void PageWriter::bottom_line(const Model& model, std::string keyboard, std::string cancel) {
  const auto button = [&](Widget widget, std::string label, bool right) {
    if (label.empty()) return;
    const int wide =
        text_.measure(label, Font::kBody, scene_.scale, 0, 1).width + 2 * pixels(kQuietPadding) + pixels(2);
    const int most = std::min(wide, width());
    // The words, not the button's invisible edge, are in line with what is above.
    const int x = right ? left() + width() - most + pixels(kQuietPadding) : left() - pixels(kQuietPadding);
    scene_.items.push_back({.kind = Item::Kind::kQuietButton,
                            .box = {x, y_, most, pixels(kQuietHeight)},
                            .widget = widget,
                            .text = std::move(label),
                            .focused = model.focus() == widget,
                            .active = model.pressed() == widget});
  };
  button(Widget::kKeyboard, std::move(keyboard), false);
  button(Widget::kCancel, std::move(cancel), true);
  y_ += pixels(kQuietHeight) - vertical_padding() / 2;
}

}  // namespace ts::logon
