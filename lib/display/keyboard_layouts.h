// Windows keyboard layout ids, as RDP clients announce them, to XKB layouts. Pure. Which is which stands in
// keyboard_layout_table.cc; here is what the table cannot say: ids that are no layout's own, and keyboards
// whose keys differ under one layout.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace ts::display {

struct KeyboardLayout {
  std::string_view layout = "us";  // XKB's names
  std::string_view variant = "";
  std::string_view aliases = "qwerty";   // where the keys called by letters are
  std::string_view compat = "complete";  // what locks and lights do
  /// The script is not Latin: "us" joins as a second group, so that programs find the letters of their
  /// shortcuts.
  bool needs_latin = false;
  std::string_view model = "pc105";

  friend bool operator==(const KeyboardLayout&, const KeyboardLayout&) = default;
};

/// [MS-RDPBCGR] 2.2.1.3.2: keyboardLayout, keyboardType and keyboardSubType.
struct ClientKeyboard {
  std::uint32_t layout = 0;
  std::uint32_t type = 0;     // 4: 101 or 102 keys, 7: Japanese, 8: Korean
  std::uint32_t subtype = 0;  // of Japanese and Korean ones
};

struct KeyboardChoice {
  KeyboardLayout layout;
  bool known = false;  // else it is what is nearest: the language's own, or "us"
};

/// The layout with this id; that of the high word, if the id is a Windows keyboard handle (0x04090407: German
/// typed on a US keyboard); that of the language, its low word; that of the language in another country;
/// "us".
KeyboardChoice choose_keyboard(const ClientKeyboard& keyboard);

/// A layout by XKB's own names, with the model and the second group that it has in the table. The texts stay
/// the caller's.
KeyboardLayout keyboard_layout_named(std::string_view layout, std::string_view variant);

/// XKB components as the evdev rules make them from a layout, e.g. symbols "pc+de+inet(evdev)".
struct KeymapComponents {
  std::string keycodes, types, compat, symbols, geometry;
};
KeymapComponents keymap_components(const KeyboardLayout& layout);

}  // namespace ts::display
