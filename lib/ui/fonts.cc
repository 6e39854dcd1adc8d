#include "lib/ui/fonts.h"

#include <fontconfig/fontconfig.h>
#include <pango/pangocairo.h>

#include <algorithm>
#include <cmath>

namespace ts::ui {
namespace {

// Open Sans for what it has, then what every Debian has, then one with Japanese.
constexpr const char* kFamilies = "Open Sans, DejaVu Sans, VL PGothic, sans-serif";

struct Face {
  double pixels;
  PangoWeight weight;
};

Face face(Font font) {
  switch (font) {
    case Font::kTitle:
      return {23, PANGO_WEIGHT_SEMIBOLD};
    case Font::kSubtitle:
      return {14, PANGO_WEIGHT_NORMAL};
    case Font::kBody:
      return {14, PANGO_WEIGHT_NORMAL};
    case Font::kLabel:
      return {12.5, PANGO_WEIGHT_NORMAL};
    case Font::kStrong:
      return {14, PANGO_WEIGHT_SEMIBOLD};
  }
  return {14, PANGO_WEIGHT_NORMAL};
}

struct FreeDescription {
  void operator()(PangoFontDescription* description) const { pango_font_description_free(description); }
};

}  // namespace

void Unref::operator()(void* object) const {
  g_object_unref(object);
}

Fonts::Fonts() {
  FcFontSet* fonts = FcConfigGetFonts(FcConfigGetCurrent(), FcSetSystem);
  any_ = fonts != nullptr && fonts->nfont > 0;
  context_.reset(pango_font_map_create_context(pango_cairo_font_map_get_default()));
  // Grey edges without colour fringes: they cost the client least and look the same on every screen.
  cairo_font_options_t* options = cairo_font_options_create();
  cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
  cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_SLIGHT);
  cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_ON);
  pango_cairo_context_set_font_options(context_.get(), options);
  cairo_font_options_destroy(options);
  layout_.reset(pango_layout_new(context_.get()));
  pango_layout_set_wrap(layout_.get(), PANGO_WRAP_WORD_CHAR);
}

bool Fonts::covers(const std::string& language) const {
  std::unique_ptr<FcPattern, void (*)(FcPattern*)> pattern(FcPatternCreate(), FcPatternDestroy);
  std::unique_ptr<FcLangSet, void (*)(FcLangSet*)> wanted(FcLangSetCreate(), FcLangSetDestroy);
  FcLangSetAdd(wanted.get(), reinterpret_cast<const FcChar8*>(language.c_str()));
  FcPatternAddLangSet(pattern.get(), FC_LANG, wanted.get());
  std::unique_ptr<FcObjectSet, void (*)(FcObjectSet*)> properties(FcObjectSetBuild(FC_FAMILY, nullptr),
                                                                  FcObjectSetDestroy);
  std::unique_ptr<FcFontSet, void (*)(FcFontSet*)> found(FcFontList(nullptr, pattern.get(), properties.get()),
                                                         FcFontSetDestroy);
  return found && found->nfont > 0;
}

void Fonts::set_language(const std::string& language) {
  pango_context_set_language(context_.get(), pango_language_from_string(language.c_str()));
  pango_layout_context_changed(layout_.get());
  constexpr double kAiry = 0.3;  // Japanese fonts have lines without room between them
  line_gap_ = language == "ja" ? kAiry : 0;
}

PangoLayout* Fonts::lay_out(std::string_view text, Font font, double scale, int width, int lines) const {
  const Face wanted = face(font);
  std::unique_ptr<PangoFontDescription, FreeDescription> description(pango_font_description_new());
  pango_font_description_set_family_static(description.get(), kFamilies);
  pango_font_description_set_absolute_size(description.get(),
                                           std::max(std::round(wanted.pixels * scale), 6.0) * PANGO_SCALE);
  pango_font_description_set_weight(description.get(), wanted.weight);
  PangoLayout* layout = layout_.get();
  pango_layout_set_font_description(layout, description.get());
  pango_layout_set_spacing(layout, static_cast<int>(line_gap_ * wanted.pixels * scale) * PANGO_SCALE);
  pango_layout_set_single_paragraph_mode(layout, lines <= 1);
  pango_layout_set_width(layout, width > 0 ? width * PANGO_SCALE : -1);
  pango_layout_set_height(layout, width > 0 ? -lines : -1);
  pango_layout_set_ellipsize(layout, width > 0 ? PANGO_ELLIPSIZE_END : PANGO_ELLIPSIZE_NONE);
  pango_layout_set_text(layout, text.data(), static_cast<int>(text.size()));
  return layout;
}

TextMeasure::Extent Fonts::measure(std::string_view text, Font font, double scale, int width,
                                   int lines) const {
  if (!any_) return {.width = 0, .height = static_cast<int>(face(font).pixels * scale * 1.4)};
  Extent out;
  pango_layout_get_pixel_size(lay_out(text, font, scale, width, lines), &out.width, &out.height);
  return out;
}

void Fonts::draw(cairo_t* cairo, std::string_view text, Font font, double scale, const Box& box, int lines,
                 bool right) const {
  if (!any_ || text.empty()) return;
  PangoLayout* layout = lay_out(text, font, scale, box.width, lines);
  int width = 0;
  pango_layout_get_pixel_size(layout, &width, nullptr);
  cairo_move_to(cairo, box.x + (right ? box.width - width : 0), box.y);
  pango_cairo_update_layout(cairo, layout);
  pango_cairo_show_layout(cairo, layout);
}

int Fonts::x_of_byte(std::string_view text, Font font, double scale, std::size_t byte) const {
  if (!any_) return 0;
  PangoRectangle place;
  pango_layout_get_cursor_pos(lay_out(text, font, scale, 0, 1), static_cast<int>(byte), &place, nullptr);
  return PANGO_PIXELS(place.x);
}

std::size_t Fonts::byte_at_x(std::string_view text, Font font, double scale, int x) const {
  if (!any_) return 0;
  int index = 0, trailing = 0;
  pango_layout_xy_to_index(lay_out(text, font, scale, 0, 1), x * PANGO_SCALE, 0, &index, &trailing);
  std::size_t byte = static_cast<std::size_t>(index);
  // Behind the character: as many bytes on as it has.
  while (trailing > 0 && byte < text.size()) {
    do {
      ++byte;
    } while (byte < text.size() && (static_cast<unsigned char>(text[byte]) & 0xc0) == 0x80);
    --trailing;
  }
  return byte;
}

}  // namespace ts::ui
