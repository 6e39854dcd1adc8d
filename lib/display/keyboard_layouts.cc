#include "lib/display/keyboard_layouts.h"

#include <fmt/format.h>

#include <algorithm>

#include "lib/display/keyboard_layout_table.h"

namespace ts::display {
namespace {

/// The first row that has an id for which `is` holds.
template <typename Predicate>
const KeyboardLayout* find_if(Predicate is) {
  for (const KeyboardLayoutIds& row : keyboard_layout_table()) {
    if (std::any_of(row.ids.begin(), row.ids.end(), is)) return &row.layout;
  }
  return nullptr;
}

const KeyboardLayout* find(std::uint32_t id) {
  return find_if([id](std::uint32_t other) { return other == id; });
}

constexpr std::uint32_t kPrimaryLanguage = 0x3ff;  // of a language id; above it is the country

const KeyboardLayout* find_language(std::uint32_t id) {
  if (const KeyboardLayout* layout = find(id & 0xffff)) return layout;
  constexpr std::uint32_t kDefaultCountry = 0x400;
  if (const KeyboardLayout* layout = find(kDefaultCountry | (id & kPrimaryLanguage))) return layout;
  return find_if([id](std::uint32_t other) { return (other & kPrimaryLanguage) == (id & kPrimaryLanguage); });
}

KeyboardChoice choose_layout(std::uint32_t id) {
  if (const KeyboardLayout* layout = find(id)) return {*layout, true};
  // 0xA..., 0xE... and 0xF... are no languages: made by the user, input methods, and a registry's numbers.
  constexpr std::uint32_t kFirstLanguage = 0x400;
  if (const std::uint32_t high = id >> 16; high >= kFirstLanguage) {
    if (const KeyboardLayout* layout = find(high)) return {*layout, true};
  }
  if (const KeyboardLayout* layout = find_language(id); layout && (id & kPrimaryLanguage) != 0) {
    return {*layout, false};
  }
  return {};
}

/// Keyboards with other keys under the same layout id: the subtypes by which Windows tells them apart.
void fit_to_keys(KeyboardLayout& layout, const ClientKeyboard& keyboard) {
  constexpr std::uint32_t kTypeEnhanced = 4, kTypeKorean = 8;
  constexpr std::uint32_t kJapanese106 = 2, kKorean103 = 6;
  if (layout.layout == "br") layout.model = "abnt2";
  if (layout.layout == "jp") {
    // A keyboard of 101 keys that somebody in Japan has: the letters and signs on it are those of the US.
    if (keyboard.type == kTypeEnhanced && keyboard.subtype != kJapanese106) {
      layout = KeyboardLayout{};
    } else {
      layout.model = "jp106";
    }
  }
  if (layout.layout == "kr") {
    if (keyboard.type == kTypeKorean && keyboard.subtype == kKorean103) {
      layout.model = "kr106";
    } else {
      layout.variant = "kr104";  // Hangul and Hanja are the right Alt and Ctrl
    }
  }
}

}  // namespace

KeyboardChoice choose_keyboard(const ClientKeyboard& keyboard) {
  KeyboardChoice choice = choose_layout(keyboard.layout);
  fit_to_keys(choice.layout, keyboard);
  return choice;
}

KeyboardLayout keyboard_layout_named(std::string_view layout, std::string_view variant) {
  KeyboardLayout out;
  for (const KeyboardLayoutIds& row : keyboard_layout_table()) {
    if (row.layout.layout != layout) continue;
    out = row.layout;
    if (out.variant == variant) break;
  }
  out.layout = layout;
  out.variant = variant;
  if (variant.empty()) fit_to_keys(out, {});
  return out;
}

KeymapComponents keymap_components(const KeyboardLayout& layout) {
  std::string symbols = fmt::format("pc+{}", layout.layout);
  if (!layout.variant.empty()) symbols += fmt::format("({})", layout.variant);
  if (layout.needs_latin) symbols += "+us:2";
  return {.keycodes = fmt::format("evdev+aliases({})", layout.aliases),
          .types = "complete",
          .compat = std::string(layout.compat),
          .symbols = symbols + "+inet(evdev)",
          .geometry = "pc(pc105)"};
}

}  // namespace ts::display
