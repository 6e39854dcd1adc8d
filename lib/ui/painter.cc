#include "lib/ui/painter.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace ts::ui {
namespace {

// In pixels at scale 1.
constexpr double kCardRadius = 8, kRadius = 5, kFieldPadding = 10, kDot = 7, kDotStep = 11, kRowPadding = 10;
constexpr double kNoticePadding = 10;

struct DestroyContext {
  void operator()(cairo_t* cairo) const { cairo_destroy(cairo); }
};

void use(cairo_t* cairo, Colour colour) {
  const std::uint32_t value = rgb(colour);
  cairo_set_source_rgb(cairo, ((value >> 16) & 0xff) / 255.0, ((value >> 8) & 0xff) / 255.0,
                       (value & 0xff) / 255.0);
}

void rounded(cairo_t* cairo, double x, double y, double width, double height, double radius) {
  constexpr double kQuarter = std::numbers::pi / 2;
  cairo_new_sub_path(cairo);
  cairo_arc(cairo, x + width - radius, y + radius, radius, -kQuarter, 0);
  cairo_arc(cairo, x + width - radius, y + height - radius, radius, 0, kQuarter);
  cairo_arc(cairo, x + radius, y + height - radius, radius, kQuarter, 2 * kQuarter);
  cairo_arc(cairo, x + radius, y + radius, radius, 2 * kQuarter, 3 * kQuarter);
  cairo_close_path(cairo);
}

void fill(cairo_t* cairo, const Box& box, double radius, Colour colour) {
  rounded(cairo, box.x, box.y, box.width, box.height, radius);
  use(cairo, colour);
  cairo_fill(cairo);
}

/// A line of whole pixels just inside the box.
void frame(cairo_t* cairo, const Box& box, double radius, double line, Colour colour) {
  line = std::max(1.0, std::round(line));
  rounded(cairo, box.x + line / 2, box.y + line / 2, box.width - line, box.height - line, radius - line / 2);
  use(cairo, colour);
  cairo_set_line_width(cairo, line);
  cairo_stroke(cairo);
}

Box inset(const Box& box, double by_x, double by_y) {
  const int x = static_cast<int>(std::lround(by_x)), y = static_cast<int>(std::lround(by_y));
  return {box.x + x, box.y + y, std::max(box.width - 2 * x, 0), std::max(box.height - 2 * y, 0)};
}

}  // namespace

std::uint32_t rgb(Colour colour) {
  switch (colour) {
    case Colour::kBackground:
      return 0x22303d;
    case Colour::kCard:
      return 0xf6f8fa;
    case Colour::kText:
      return 0x1d2733;
    case Colour::kQuiet:
      return 0x566473;
    case Colour::kAccent:
      return 0x2b66b8;
    case Colour::kOnAccent:
    case Colour::kField:
      return 0xffffff;
    case Colour::kWarning:
      return 0x9a5a00;
    case Colour::kError:
      return 0x8f1d1d;
    case Colour::kErrorFill:
      return 0xfbe6e4;
    case Colour::kInfo:
      return 0x1f4277;
    case Colour::kInfoFill:
      return 0xe3ecf8;
    case Colour::kLine:
      return 0xa9b4bf;
    case Colour::kSelected:
      return 0xdce7f5;
  }
  return 0;
}

Surface Painter::paint(const Scene& scene, const Box& part) const {
  Surface surface(cairo_image_surface_create(CAIRO_FORMAT_RGB24, part.width, part.height));
  if (cairo_surface_status(surface.get()) != CAIRO_STATUS_SUCCESS) return nullptr;
  std::unique_ptr<cairo_t, DestroyContext> cairo(cairo_create(surface.get()));
  cairo_translate(cairo.get(), -part.x, -part.y);
  use(cairo.get(), Colour::kBackground);
  cairo_paint(cairo.get());
  for (const Item& shown : scene.items) {
    if (shown.box.intersected(part).empty()) continue;
    cairo_save(cairo.get());
    // INVARIANT: no item paints outside its box, whatever its text; the comparison of scenes relies on it.
    cairo_rectangle(cairo.get(), shown.box.x, shown.box.y, shown.box.width, shown.box.height);
    cairo_clip(cairo.get());
    item(cairo.get(), scene, shown);
    cairo_restore(cairo.get());
  }
  cairo.reset();
  cairo_surface_flush(surface.get());
  return surface;
}

void Painter::item(cairo_t* cairo, const Scene& scene, const Item& shown) const {
  const double scale = scene.scale;
  switch (shown.kind) {
    case Item::Kind::kCard:
      return fill(cairo, shown.box, kCardRadius * scale, shown.colour);
    case Item::Kind::kLogo:
      if (logo_ == nullptr) return;
      cairo_translate(cairo, shown.box.x, shown.box.y);
      cairo_scale(cairo, static_cast<double>(shown.box.width) / cairo_image_surface_get_width(logo_),
                  static_cast<double>(shown.box.height) / cairo_image_surface_get_height(logo_));
      cairo_set_source_surface(cairo, logo_, 0, 0);
      return cairo_paint(cairo);
    case Item::Kind::kText:
      use(cairo, shown.colour);
      return fonts_.draw(cairo, shown.text, shown.font, scale,
                         {shown.box.x, shown.box.y - shown.scrolled, shown.box.width, shown.box.height},
                         shown.lines, shown.right);
    case Item::Kind::kNotice:
      return notice(cairo, scale, shown);
    case Item::Kind::kField:
      return field(cairo, scale, shown);
    case Item::Kind::kButton:
    case Item::Kind::kQuietButton:
      return button(cairo, scale, shown);
    case Item::Kind::kRow:
      return row(cairo, scale, shown);
    case Item::Kind::kScrollBar: {
      fill(cairo, shown.box, shown.box.width / 2.0, Colour::kSelected);
      Box part = shown.box;
      part.y += static_cast<int>(shown.box.height * shown.part_from);
      part.height = static_cast<int>(shown.box.height * (shown.part_to - shown.part_from));
      return fill(cairo, part, part.width / 2.0, Colour::kLine);
    }
  }
}

void Painter::notice(cairo_t* cairo, double scale, const Item& shown) const {
  fill(cairo, shown.box, kRadius * scale,
       shown.colour == Colour::kError ? Colour::kErrorFill : Colour::kInfoFill);
  use(cairo, shown.colour);
  fonts_.draw(cairo, shown.text, shown.font, scale,
              inset(shown.box, kNoticePadding * scale, kNoticePadding * scale), shown.lines, false);
}

int Painter::cursor_x(double scale, const Item& shown) const {
  if (shown.secret || !fonts_.any())
    return static_cast<int>(static_cast<double>(shown.cursor) * kDotStep * scale);
  return fonts_.x_of_byte(shown.text, shown.font, scale, shown.cursor);
}

/// How far the text is pushed to the left so that the cursor is in sight.
int Painter::shift(double scale, const Item& shown, const Box& inner) const {
  return std::max(0, cursor_x(scale, shown) - inner.width + 2);
}

void Painter::field(cairo_t* cairo, double scale, const Item& shown) const {
  fill(cairo, shown.box, kRadius * scale, Colour::kField);
  frame(cairo, shown.box, kRadius * scale, (shown.focused ? 2 : 1) * scale,
        shown.focused ? Colour::kAccent : Colour::kLine);
  const Box inner = inset(shown.box, kFieldPadding * scale, 3 * scale);
  cairo_rectangle(cairo, inner.x - 1, inner.y, inner.width + 2, inner.height);
  cairo_clip(cairo);
  const int shift = this->shift(scale, shown, inner);
  use(cairo, Colour::kText);
  if (shown.secret || !fonts_.any()) {
    dots(cairo, scale, shown, inner, shift);
  } else {
    const auto extent = fonts_.measure(shown.text, shown.font, scale, 0, 1);
    const Box line{inner.x - shift, inner.y + (inner.height - extent.height) / 2, extent.width + 1,
                   extent.height};
    fonts_.draw(cairo, shown.text, shown.font, scale, line, 1, false);
  }
  if (!shown.focused) return;
  const double wide = std::max(1.0, std::round(scale)), high = std::round(19 * scale);
  cairo_rectangle(cairo, inner.x + cursor_x(scale, shown) - shift,
                  inner.y + std::floor((inner.height - high) / 2), wide, high);
  cairo_fill(cairo);
}

void Painter::dots(cairo_t* cairo, double scale, const Item& shown, const Box& inner, int shift) const {
  const std::size_t count = shown.secret ? shown.dots : shown.text.size();
  const double radius = kDot * scale / 2, middle = inner.y + inner.height / 2.0;
  for (std::size_t dot = 0; dot < count; ++dot) {
    const double x = inner.x - shift + (static_cast<double>(dot) + 0.5) * kDotStep * scale;
    if (x + radius < inner.x || x - radius > inner.x + inner.width) continue;
    cairo_new_sub_path(cairo);
    cairo_arc(cairo, x, middle, radius, 0, 2 * std::numbers::pi);
  }
  cairo_fill(cairo);
}

std::size_t Painter::cursor_at(const Scene& scene, const Item& shown, int x) const {
  const Box inner = inset(shown.box, kFieldPadding * scene.scale, 3 * scene.scale);
  const int along = x - inner.x + (shown.focused ? shift(scene.scale, shown, inner) : 0);
  if (along <= 0) return 0;
  if (!shown.secret) return fonts_.byte_at_x(shown.text, shown.font, scene.scale, along);
  return std::min(shown.dots, static_cast<std::size_t>(std::lround(along / (kDotStep * scene.scale))));
}

void Painter::centred(cairo_t* cairo, double scale, const Item& shown) const {
  const auto extent = fonts_.measure(shown.text, shown.font, scale, shown.box.width, 1);
  Box line = shown.box;
  line.x += std::max(0, (line.width - extent.width) / 2);
  line.width = std::min(extent.width + 1, shown.box.width);
  line.y += (line.height - extent.height) / 2;
  fonts_.draw(cairo, shown.text, shown.font, scale, line, 1, false);
}

void Painter::button(cairo_t* cairo, double scale, const Item& shown) const {
  const bool quiet = shown.kind == Item::Kind::kQuietButton;
  if (quiet) {
    if (shown.active) fill(cairo, shown.box, kRadius * scale, Colour::kSelected);
    if (shown.focused) frame(cairo, shown.box, kRadius * scale, 2 * scale, Colour::kAccent);
    use(cairo, Colour::kAccent);
  } else {
    fill(cairo, shown.box, kRadius * scale, shown.active ? Colour::kInfo : Colour::kAccent);
    if (shown.focused) {
      const Box ring = inset(shown.box, 3 * scale, 3 * scale);
      frame(cairo, ring, (kRadius - 2) * scale, 1.5 * scale, Colour::kOnAccent);
    }
    use(cairo, Colour::kOnAccent);
  }
  centred(cairo, scale, shown);
}

void Painter::row(cairo_t* cairo, double scale, const Item& shown) const {
  const Box inside = inset(shown.box, 0, scale);
  if (shown.active) {
    fill(cairo, inside, kRadius * scale, Colour::kSelected);
    if (shown.focused) frame(cairo, inside, kRadius * scale, 2 * scale, Colour::kAccent);
  }
  const Box text = inset(shown.box, kRowPadding * scale, 0);
  const Font first = shown.detail.empty() ? Font::kBody : Font::kStrong;
  const int high = fonts_.measure("Xg", first, scale, 0, 1).height;
  const int low = shown.detail.empty() ? 0 : fonts_.measure("Xg", Font::kLabel, scale, 0, 1).height;
  const int top = text.y + (text.height - high - low) / 2;
  use(cairo, Colour::kText);
  fonts_.draw(cairo, shown.text, first, scale, {text.x, top, text.width, high}, 1, false);
  use(cairo, Colour::kQuiet);
  fonts_.draw(cairo, shown.detail, Font::kLabel, scale, {text.x, top + high, text.width, low}, 1, false);
}

}  // namespace ts::ui
