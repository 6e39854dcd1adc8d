#include "lib/display/keyboard_layouts.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace ts::display {
namespace {

struct Entry {
  std::uint32_t id;
  KeyboardLayout layout;
};

constexpr bool kOther = true;  // needs_latin

// In the order of the ids' low words (languages), then variants.
constexpr std::array kLayouts{
    Entry{0x401, {"ara", "", "pc105", kOther}},
    Entry{0x402, {"bg", "", "pc105", kOther}},
    Entry{0x404, {"us"}},
    Entry{0x405, {"cz"}},
    Entry{0x10405, {"cz", "qwerty"}},
    Entry{0x406, {"dk"}},
    Entry{0x407, {"de"}},
    Entry{0x408, {"gr", "", "pc105", kOther}},
    Entry{0x409, {"us"}},
    Entry{0x10409, {"us", "dvorak"}},
    Entry{0x20409, {"us", "intl"}},
    Entry{0x30409, {"us", "dvorak-l"}},
    Entry{0x40409, {"us", "dvorak-r"}},
    Entry{0x40a, {"es"}},
    Entry{0x40b, {"fi"}},
    Entry{0x40c, {"fr"}},
    Entry{0x40d, {"il", "", "pc105", kOther}},
    Entry{0x40e, {"hu"}},
    Entry{0x40f, {"is"}},
    Entry{0x410, {"it"}},
    Entry{0x411, {"jp", "", "jp106"}},
    Entry{0xe0010411, {"jp", "", "jp106"}},
    Entry{0x412, {"kr", "", "pc105"}},
    Entry{0xe0010412, {"kr", "", "pc105"}},
    Entry{0x413, {"us", "intl"}},  // Dutch keyboards are US ones
    Entry{0x414, {"no"}},
    Entry{0x415, {"pl"}},
    Entry{0x10415, {"pl", "qwertz"}},
    Entry{0x416, {"br", "", "abnt2"}},
    Entry{0x10416, {"br", "", "abnt2"}},
    Entry{0x418, {"ro"}},
    Entry{0x419, {"ru", "", "pc105", kOther}},
    Entry{0x41a, {"hr"}},
    Entry{0x41b, {"sk"}},
    Entry{0x41d, {"se"}},
    Entry{0x41e, {"th", "", "pc105", kOther}},
    Entry{0x41f, {"tr"}},
    Entry{0x1041f, {"tr", "f"}},
    Entry{0x422, {"ua", "", "pc105", kOther}},
    Entry{0x424, {"si"}},
    Entry{0x425, {"ee"}},
    Entry{0x426, {"lv"}},
    Entry{0x427, {"lt"}},
    Entry{0x804, {"us"}},
    Entry{0x807, {"ch"}},
    Entry{0x809, {"gb"}},
    Entry{0x80a, {"latam"}},
    Entry{0x80c, {"be"}},
    Entry{0x813, {"be"}},
    Entry{0x816, {"pt"}},
    Entry{0xc0c, {"ca", "fr-legacy"}},
    Entry{0x1009, {"ca"}},
    Entry{0x100c, {"ch", "fr"}},
};

const Entry* find(std::uint32_t id) {
  auto found =
      std::find_if(kLayouts.begin(), kLayouts.end(), [&](const Entry& entry) { return entry.id == id; });
  return found == kLayouts.end() ? nullptr : &*found;
}

bool is_any_of(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

KeyboardLayout keyboard_layout(std::uint32_t windows_id) {
  if (const Entry* entry = find(windows_id)) return entry->layout;
  if (const Entry* entry = find(windows_id & 0xffff)) return entry->layout;
  return {};
}

KeymapComponents keymap_components(const KeyboardLayout& layout) {
  // The aliases say where the keys called by letters are.
  std::string_view aliases = "qwerty";
  if (is_any_of(layout.layout, {"fr", "be"})) aliases = "azerty";
  if (is_any_of(layout.layout, {"de", "ch", "cz", "hu", "hr", "si", "sk"})) aliases = "qwertz";
  std::string symbols = fmt::format("pc+{}", layout.layout);
  if (!layout.variant.empty()) symbols += fmt::format("({})", layout.variant);
  if (layout.needs_latin) symbols += "+us:2";
  return {.keycodes = fmt::format("evdev+aliases({})", aliases),
          .types = "complete",
          .compat = layout.model == "jp106" ? "complete+japan" : "complete",
          .symbols = symbols + "+inet(evdev)",
          .geometry = "pc(pc105)"};
}

}  // namespace ts::display
