// Where everything of a box goes: model and screen in, scene out. The scene is as large as the box, which is
// never larger than the screen: text that does not fit is scrolled. Pure but for the measuring of text.
#pragma once

#include "cmd/tsmessage/model.h"
#include "lib/ui/catalogue.h"
#include "lib/ui/measure.h"

namespace ts::message {

struct Screen {
  int width = 0, height = 0;
  double wanted_scale = 1;  // made smaller where a box would not fit
};

struct BoxScene {
  Scene scene;
  int most_scrolled = 0, line = 1, page = 1;  // for Model::fit_text()
};

BoxScene lay_out(const Model& model, const Screen& screen, const Catalogue& tr, const TextMeasure& text);

}  // namespace ts::message
