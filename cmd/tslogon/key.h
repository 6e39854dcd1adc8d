// One key press as the logon screen understands it: a character to type or something to do. Pure.
#pragma once

#include <string>

namespace ts::logon {

struct Key {
  enum class Action {
    kText,  // `text` is typed
    kNext,  // Tab
    kPrevious,
    kUp,
    kDown,
    kPageUp,
    kPageDown,
    kLeft,
    kRight,
    kHome,
    kEnd,
    kBackspace,
    kDelete,
    kClear,  // Ctrl-U
    kEnter,
    kEscape
  };
  Action action = Action::kText;
  std::string text;  // UTF-8, one character or what a compose sequence gives
};

}  // namespace ts::logon
