// Where everything of a page goes: model and size in, scene out. Pure but for the measuring of text, which is
// asked of an interface.
#pragma once

#include <string>

#include "cmd/tslogon/catalogue.h"
#include "cmd/tslogon/scene.h"

namespace ts::logon {

class TextMeasure {
 public:
  struct Extent {
    int width = 0, height = 0;
  };
  virtual ~TextMeasure() = default;
  /// Of a text at this scale, broken at `width` pixels into at most `lines`; 0: one line as wide as it is.
  virtual Extent measure(std::string_view text, Font font, double scale, int width, int lines) const = 0;
};

/// What stays the same from page to page.
struct Surroundings {
  int width = 0, height = 0;
  double wanted_scale = 1;  // made smaller where a page would not fit
  std::string computer;     // its name
  std::string banner;
  int logo_width = 0, logo_height = 0;  // pixels of the file, 0: none
};

/// The scale that suits a client: its own wish (percent), else by the size.
double natural_scale(int width, int height, std::uint32_t scale_percent);

Scene lay_out(const Model& model, const Surroundings& around, const Catalogue& tr, const TextMeasure& text);

}  // namespace ts::logon
