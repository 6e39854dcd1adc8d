// Text by Pango: measured for the layout, drawn for the painter. Loads fonts when first asked; a host without
// fonts gives empty text rather than an end.
#pragma once

#include <pango/pango.h>

#include <memory>
#include <string>

#include "lib/ui/measure.h"

typedef struct _cairo cairo_t;

namespace ts::ui {

struct Unref {
  void operator()(void* object) const;
};
template <typename T>
using GRef = std::unique_ptr<T, Unref>;

class Fonts : public TextMeasure {
 public:
  Fonts();
  Extent measure(std::string_view text, Font font, double scale, int width, int lines) const override;

  /// At the box's top left, in the cairo context's colour; `right`: at its right end. Never outside the box's
  /// width.
  void draw(cairo_t* cairo, std::string_view text, Font font, double scale, const Box& box, int lines,
            bool right) const;
  /// On one line without an end: how far right the byte is, and the byte that is nearest to a place.
  int x_of_byte(std::string_view text, Font font, double scale, std::size_t byte) const;
  std::size_t byte_at_x(std::string_view text, Font font, double scale, int x) const;

  /// Whether there is any font at all, and one for this language ("ja").
  bool any() const { return any_; }
  bool covers(const std::string& language) const;
  /// Chooses among the forms that languages have of one character, and where lines may be broken.
  void set_language(const std::string& language);

 private:
  PangoLayout* lay_out(std::string_view text, Font font, double scale, int width, int lines) const;

  bool any_ = false;
  double line_gap_ = 0;  // between lines, in parts of the font's size
  GRef<PangoContext> context_;
  GRef<PangoLayout> layout_;  // one for all: what is set for a text stays until the next
};

}  // namespace ts::ui
