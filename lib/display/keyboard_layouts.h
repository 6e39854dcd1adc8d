// Windows keyboard layout ids, as RDP clients announce them, to XKB layouts. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace ts::display {

struct KeyboardLayout {
  std::string_view layout = "us";  // XKB's names
  std::string_view variant = "";
  std::string_view model = "pc105";
  /// The script is not Latin: "us" joins as a second group, so that programs find the letters of their
  /// shortcuts.
  bool needs_latin = false;

  friend bool operator==(const KeyboardLayout&, const KeyboardLayout&) = default;
};

/// The exact id, else the language alone (its low 16 bits), else "us".
KeyboardLayout keyboard_layout(std::uint32_t windows_id);

/// XKB components as the evdev rules make them from a layout, e.g. symbols "pc+de+inet(evdev)".
struct KeymapComponents {
  std::string keycodes, types, compat, symbols, geometry;
};
KeymapComponents keymap_components(const KeyboardLayout& layout);

}  // namespace ts::display
