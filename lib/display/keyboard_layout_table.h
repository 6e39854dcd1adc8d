// The table of Windows keyboard layout ids. Written by keyboard_layout_table.py, not by hand. Pure.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>

#include "lib/display/keyboard_layouts.h"

namespace ts::display {

struct KeyboardLayoutIds {
  KeyboardLayout layout;
  std::initializer_list<std::uint32_t> ids;  // keyboard layout ids, and language ids of what has no other
};

/// An id is in one row only.
std::span<const KeyboardLayoutIds> keyboard_layout_table();

}  // namespace ts::display
