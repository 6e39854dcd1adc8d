// What the logon screen has to click on and to type into, in the words of lib/ui, which it is drawn with.
#pragma once

#include "lib/ui/scene.h"

namespace ts::ui {

enum class Widget : int { kNone, kUser, kPassword, kDomain, kAnswer, kList, kPrimary, kCancel, kKeyboard };

}  // namespace ts::ui

namespace ts::logon {

using namespace ui;

}  // namespace ts::logon
