// Paints a part of a scene into a picture of its own. Flat colours: what is painted is sent to a client, and
// flat areas cost next to nothing there.
#pragma once

#include "lib/ui/fonts.h"
#include "lib/ui/logo.h"
#include "lib/ui/scene.h"

namespace ts::ui {

/// 0xRRGGBB.
std::uint32_t rgb(Colour colour);

class Painter {
 public:
  /// Both stay the caller's; `logo` may be null.
  Painter(const Fonts& fonts, cairo_surface_t* logo) : fonts_(fonts), logo_(logo) {}

  /// `part` of the scene, as 32 bits a pixel (B G R X in memory); null when there is no memory for it.
  Surface paint(const Scene& scene, const Box& part) const;
  /// The byte (in a secret field: the dot) of a field's text that is nearest to x.
  std::size_t cursor_at(const Scene& scene, const Item& field, int x) const;

 private:
  void item(cairo_t* cairo, const Scene& scene, const Item& item) const;
  void notice(cairo_t* cairo, double scale, const Item& item) const;
  void field(cairo_t* cairo, double scale, const Item& item) const;
  void dots(cairo_t* cairo, double scale, const Item& item, const Box& inner, int shift) const;
  void button(cairo_t* cairo, double scale, const Item& item) const;
  void row(cairo_t* cairo, double scale, const Item& item) const;
  void centred(cairo_t* cairo, double scale, const Item& item) const;
  int cursor_x(double scale, const Item& item) const;
  int shift(double scale, const Item& item, const Box& inner) const;

  const Fonts& fonts_;
  cairo_surface_t* logo_;
};

}  // namespace ts::ui
