// Puts one thing below the other on the card: the vocabulary in which pages are written (pages.cc). Works in
// pixels of the final scale, from the card's own corner. Pure.
#pragma once

#include <string>

#include "cmd/tslogon/layout.h"

namespace ts::logon {

class PageWriter {
 public:
  /// `room`: the part of the usual room between things that there is, up to 1.
  PageWriter(Scene& scene, const TextMeasure& text, Box card, int padding, double room)
      : scene_(scene), text_(text), card_(card), padding_(padding), room_(room), y_(vertical_padding()) {}

  void gap(double length) { y_ += pixels(length * room_); }
  /// For what matters least when there is little room.
  int lines(int usual) const { return room_ < 1 ? (usual + 1) / 2 : usual; }
  void logo(int file_width, int file_height);
  void text(std::string text, Font font, Colour colour, int lines);
  void notice(std::string text, bool calm);
  /// A label, at its right end what is worth a hint, and the field under it.
  void field(const Model& model, Widget widget, std::string label, std::string hint);
  void list(const Model& model, const std::vector<std::pair<std::string, std::string>>& rows, int below);
  /// Over the whole width.
  void primary(const Model& model, std::string label);
  /// The line at the bottom: the keyboard layout at the left, giving up at the right; either may be empty.
  void bottom_line(const Model& model, std::string keyboard, std::string cancel);

  int pixels(double length) const;
  /// How high the card has to be.
  int bottom() const { return y_ + vertical_padding(); }

 private:
  int vertical_padding() const { return static_cast<int>(padding_ * room_); }
  int left() const { return card_.x + padding_; }
  int width() const { return card_.width - 2 * padding_; }

  Scene& scene_;
  const TextMeasure& text_;
  Box card_;
  int padding_;
  double room_;
  int y_;
};

/// Everything of the model's page.
void write_page(PageWriter& page, const Model& model, const Surroundings& around, const Catalogue& tr);

}  // namespace ts::logon
