// Where everything of a page goes: model and size in, scene out. Pure but for the measuring of text, which is
// asked of an interface.
#pragma once

#include <string>

#include "cmd/tslogon/model.h"
#include "lib/ui/catalogue.h"
#include "lib/ui/measure.h"
#include "lib/ui/scene.h"

namespace ts::logon {

/// What stays the same from page to page.
struct Surroundings {
  int width = 0, height = 0;
  double wanted_scale = 1;  // made smaller where a page would not fit
  std::string computer;     // its name
  std::string banner;
  int logo_width = 0, logo_height = 0;  // pixels of the file, 0: none
};

Scene lay_out(const Model& model, const Surroundings& around, const Catalogue& tr, const TextMeasure& text);

}  // namespace ts::logon
