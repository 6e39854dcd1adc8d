// How large things are: texts, which whoever has fonts knows, and everything on a screen. Pure.
#pragma once

#include <cstdint>
#include <string_view>

#include "lib/ui/scene.h"

namespace ts::ui {

class TextMeasure {
 public:
  struct Extent {
    int width = 0, height = 0;
  };
  virtual ~TextMeasure() = default;
  /// Of a text at this scale, broken at `width` pixels into at most `lines` (in each paragraph); 0: one line
  /// as wide as it is.
  virtual Extent measure(std::string_view text, Font font, double scale, int width, int lines) const = 0;
};

/// The scale that suits a client: its own wish (percent), else by the size.
double natural_scale(int width, int height, std::uint32_t scale_percent);

}  // namespace ts::ui
