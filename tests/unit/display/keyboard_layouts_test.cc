// The generated table of keyboard layouts: complete, known to XKB, and with the characters on the keys that
// are printed there.
#include <freerdp/locale/keyboard.h>
#include <gmock/gmock.h>
#include <xkbcommon/xkbcommon-compose.h>

#include <map>
#include <set>

#include "lib/display/keyboard_layout_table.h"
#include "lib/display/scancodes.h"
#include "lib/display/x11_keymap.h"

namespace ts::display {
namespace {

using Keymap = std::unique_ptr<xkb_keymap, XkbFree>;
using State = std::unique_ptr<xkb_state, XkbFree>;

xkb_context* context() {
  static const std::unique_ptr<xkb_context, XkbFree> context(
      xkb_context_new(XKB_CONTEXT_NO_ENVIRONMENT_NAMES));
  return context.get();
}

/// What XKB's own rules make of the layout.
Keymap from_rules(const KeyboardLayout& layout) {
  const std::string model(layout.model),
      layouts = std::string(layout.layout) + (layout.needs_latin ? ",us" : ""),
      variants = std::string(layout.variant) + (layout.needs_latin ? "," : "");
  const xkb_rule_names names{"evdev", model.c_str(), layouts.c_str(), variants.c_str(), ""};
  return Keymap(xkb_keymap_new_from_names(context(), &names, XKB_KEYMAP_COMPILE_NO_FLAGS));
}

/// What the X server is told to load.
Keymap from_components(const KeyboardLayout& layout) {
  const KeymapComponents names = keymap_components(layout);
  const std::string text = fmt::format(
      "xkb_keymap {{ xkb_keycodes {{ include \"{}\" }}; xkb_types {{ include \"{}\" }}; xkb_compat {{ "
      "include "
      "\"{}\" }}; xkb_symbols {{ include \"{}\" }}; }};",
      names.keycodes, names.types, names.compat, names.symbols);
  return Keymap(xkb_keymap_new_from_string(context(), text.c_str(), XKB_KEYMAP_FORMAT_TEXT_V1,
                                           XKB_KEYMAP_COMPILE_NO_FLAGS));
}

std::string text_of(const Keymap& keymap) {
  std::unique_ptr<char, decltype(&std::free)> text(
      xkb_keymap_get_as_string(keymap.get(), XKB_KEYMAP_FORMAT_TEXT_V1), &std::free);
  return text ? text.get() : "";
}

KeyboardLayout layout_of(std::uint32_t id) {
  return choose_keyboard({.layout = id, .type = 7}).layout;
}

TEST(KeyboardTable, AnIdIsInOneRow) {
  std::set<std::uint32_t> seen;
  std::set<std::pair<std::string_view, std::string_view>> names;
  for (const KeyboardLayoutIds& row : keyboard_layout_table()) {
    EXPECT_TRUE(names.emplace(row.layout.layout, row.layout.variant).second) << row.layout.layout;
    EXPECT_GT(row.ids.size(), 0u);
    for (std::uint32_t id : row.ids) EXPECT_TRUE(seen.insert(id).second) << std::hex << id;
  }
  EXPECT_GT(names.size(), 160u);
  EXPECT_GT(seen.size(), 350u);
}

TEST(KeyboardTable, EachLayoutLoadsAsXkbsOwnRulesMakeIt) {
  for (const KeyboardLayoutIds& row : keyboard_layout_table()) {
    const Keymap rules = from_rules(row.layout), ours = from_components(row.layout);
    ASSERT_TRUE(rules) << row.layout.layout << " " << row.layout.variant;
    ASSERT_TRUE(ours) << row.layout.layout << " " << row.layout.variant;
    EXPECT_EQ(text_of(ours), text_of(rules)) << row.layout.layout << " " << row.layout.variant;
  }
}

/// Shortcuts work on every keyboard: some group has each letter.
TEST(KeyboardTable, EachLayoutHasLatinLetters) {
  for (const KeyboardLayoutIds& row : keyboard_layout_table()) {
    const Keymap keymap = from_rules(row.layout);
    ASSERT_TRUE(keymap);
    std::set<xkb_keysym_t> letters;
    for (xkb_keycode_t key = 9; key < 256; ++key) {
      for (xkb_layout_index_t group = 0; group < xkb_keymap_num_layouts_for_key(keymap.get(), key); ++group) {
        const xkb_keysym_t* symbols = nullptr;
        if (xkb_keymap_key_get_syms_by_level(keymap.get(), key, group, 0, &symbols) == 1 &&
            symbols[0] >= 'a' && symbols[0] <= 'z') {
          letters.insert(symbols[0]);
        }
      }
    }
    EXPECT_GT(letters.size(), 13u) << row.layout.layout << " " << row.layout.variant;
  }
}

/// What `xfreerdp /kbd-list` shows, but scripts that XKB does not have.
TEST(KeyboardTable, HasEveryLayoutThatFreeRdpKnows) {
  const std::set<std::uint32_t> not_in_xkb{0x20c00, 0x30c00, 0x70c00, 0x80c00,  0xa0c00, 0xb0c00,
                                           0xc0c00, 0xe0c00, 0xf0c00, 0x100c00, 0x120c00};
  std::set<std::uint32_t> unknown;
  std::size_t count = 0;
  for (DWORD kind :
       {RDP_KEYBOARD_LAYOUT_TYPE_STANDARD, RDP_KEYBOARD_LAYOUT_TYPE_VARIANT, RDP_KEYBOARD_LAYOUT_TYPE_IME}) {
    RDP_KEYBOARD_LAYOUT* layouts = freerdp_keyboard_get_layouts(kind);
    ASSERT_NE(layouts, nullptr);
    for (RDP_KEYBOARD_LAYOUT* layout = layouts; layout->code != 0; ++layout, ++count) {
      if (!choose_keyboard({.layout = layout->code}).known) unknown.insert(layout->code);
    }
    freerdp_keyboard_layouts_free(layouts);
  }
  EXPECT_GT(count, 200u);
  EXPECT_EQ(unknown, not_in_xkb);
}

TEST(KeyboardChoice, UnknownIdsGetTheLanguagesOwnLayout) {
  struct Case {
    std::uint32_t id;
    std::string_view layout, variant;
    bool known;
  };
  for (const Case& expected :
       {Case{0x20409, "us", "intl", true}, Case{0xa0409, "us", "", false}, Case{0, "us", "", false},
        Case{0xfefe, "us", "", false}, Case{0xffffffff, "us", "", false}, Case{0x120c00, "us", "", false},
        // Made by a user, a registry's number, an input method: of the language.
        Case{0xa0010407, "de", "", false}, Case{0xf0020407, "de", "", false},
        Case{0xe0fe0411, "jp", "", false},
        // A handle: language below, layout above.
        Case{0x04090407, "us", "", true}, Case{0x08070409, "ch", "", true}, Case{0x04070407, "de", "", true},
        // The language of a country that has no keyboard of its own, and one that nobody knows.
        Case{0x2c0a, "latam", "", true}, Case{0x1007, "de", "", true}, Case{0xfc07, "de", "", false},
        // A country's keyboard where the language has none.
        Case{0x42d, "es", "winkeys", true}, Case{0x436, "za", "", true}}) {
    const KeyboardChoice choice = choose_keyboard({.layout = expected.id, .type = 7});
    EXPECT_EQ(choice.layout.layout, expected.layout) << std::hex << expected.id;
    EXPECT_EQ(choice.layout.variant, expected.variant) << std::hex << expected.id;
    EXPECT_EQ(choice.known, expected.known) << std::hex << expected.id;
  }
}

TEST(KeyboardChoice, KeysFollowTheTypeOfTheKeyboard) {
  auto chosen = [](std::uint32_t id, std::uint32_t type, std::uint32_t subtype) {
    const KeyboardLayout layout = choose_keyboard({id, type, subtype}).layout;
    return fmt::format("{}/{}/{}", layout.layout, layout.variant, layout.model);
  };
  EXPECT_EQ(chosen(0x411, 7, 2), "jp//jp106");
  EXPECT_EQ(chosen(0xe0010411, 7, 0), "jp//jp106");
  EXPECT_EQ(chosen(0x411, 0, 0), "jp//jp106");  // a client that does not say
  EXPECT_EQ(chosen(0x411, 4, 0), "us//pc105");
  EXPECT_EQ(chosen(0x412, 8, 6), "kr//kr106");
  EXPECT_EQ(chosen(0x412, 8, 3), "kr/kr104/pc105");
  EXPECT_EQ(chosen(0xe0010412, 4, 0), "kr/kr104/pc105");
  EXPECT_EQ(chosen(0x416, 4, 0), "br//abnt2");
  EXPECT_EQ(chosen(0x407, 7, 2), "de//pc105");
}

/// The characters of scan codes, e.g. {"15", "z"}, "s15" with Shift, "a15" with AltGr, "b15" with both. Dead
/// keys are named.
using Keys = std::map<std::string, std::string>;
struct LayoutCase {
  const char* name;
  std::uint32_t id;
  Keys keys;
};

class KeyboardCharacters : public ::testing::TestWithParam<LayoutCase> {};

TEST_P(KeyboardCharacters, AreThoseOnTheKeys) {
  const KeyboardChoice choice = choose_keyboard({.layout = GetParam().id, .type = 7, .subtype = 2});
  EXPECT_TRUE(choice.known);
  const Keymap keymap = from_components(choice.layout);
  ASSERT_TRUE(keymap);
  for (const auto& [key, expected] : GetParam().keys) {
    const bool shift = key[0] == 's' || key[0] == 'b', altgr = key[0] == 'a' || key[0] == 'b';
    const auto code = static_cast<std::uint8_t>(std::stoi(key.substr(key.size() - 2), nullptr, 16));
    State state(xkb_state_new(keymap.get()));
    if (shift) xkb_state_update_key(state.get(), 50, XKB_KEY_DOWN);
    if (altgr) xkb_state_update_key(state.get(), 108, XKB_KEY_DOWN);
    const xkb_keysym_t symbol = xkb_state_key_get_one_sym(state.get(), *ScancodeReader().keycode(code, 0));
    char text[64] = {};
    if (xkb_keysym_to_utf8(symbol, text, sizeof text) <= 0) xkb_keysym_get_name(symbol, text, sizeof text);
    EXPECT_EQ(text, expected) << key;
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, KeyboardCharacters,
    ::testing::Values(
        LayoutCase{
            "German", 0x407, {{"15", "z"}, {"27", "ö"}, {"a10", "@"}, {"0d", "dead_acute"}, {"a56", "|"}}},
        LayoutCase{"GermanIbm", 0x10407, {{"15", "z"}, {"27", "ö"}}},
        LayoutCase{"Austrian", 0xc07, {{"15", "z"}, {"1a", "ü"}}},
        LayoutCase{"French",
                   0x40c,
                   {{"10", "a"}, {"02", "&"}, {"a0b", "@"}, {"27", "m"}, {"1a", "dead_circumflex"}}},
        LayoutCase{"Bepo", 0xa000040c, {{"10", "b"}, {"11", "é"}}},
        LayoutCase{"BelgianFrench", 0x80c, {{"10", "a"}, {"0c", ")"}, {"a03", "@"}}},
        LayoutCase{"BelgianPeriod", 0x813, {{"10", "a"}, {"0c", ")"}}},
        LayoutCase{"SwissGerman", 0x807, {{"1a", "ü"}, {"s1a", "è"}, {"15", "z"}, {"a03", "@"}}},
        LayoutCase{"SwissFrench", 0x100c, {{"1a", "è"}, {"s1a", "ü"}, {"15", "z"}}},
        LayoutCase{"UsInternational",
                   0x20409,
                   {{"28", "dead_acute"}, {"s28", "dead_diaeresis"}, {"29", "dead_grave"}}},
        LayoutCase{"Dvorak", 0x10409, {{"10", "'"}, {"1f", "o"}, {"2c", ";"}}},
        LayoutCase{"DvorakLeft", 0x30409, {{"10", ";"}}},
        LayoutCase{"DvorakRight", 0x40409, {{"02", "1"}, {"10", "5"}}},
        LayoutCase{"ProgrammerDvorak", 0x19360409, {{"03", "["}}},
        LayoutCase{"UnitedKingdom", 0x809, {{"2b", "#"}, {"s04", "£"}, {"s28", "@"}}},
        LayoutCase{"UnitedKingdomExtended", 0x452, {{"s04", "£"}, {"29", "dead_grave"}}},
        LayoutCase{"Irish", 0x1809, {{"s04", "£"}}},
        LayoutCase{"BrazilianAbnt2",
                   0x10416,
                   {{"27", "ç"}, {"73", "/"}, {"1a", "dead_acute"}, {"28", "dead_tilde"}}},
        LayoutCase{"Portuguese", 0x816, {{"27", "ç"}, {"0d", "«"}}},
        LayoutCase{"Japanese",
                   0x411,
                   {{"s03", "\""},
                    {"1a", "@"},
                    {"7d", "\\"},
                    {"s73", "_"},
                    {"79", "Henkan_Mode"},
                    {"7b", "Muhenkan"},
                    {"70", "Hiragana_Katakana"},
                    {"29", "Zenkaku_Hankaku"}}},
        LayoutCase{"Korean",
                   0x412,
                   {{"1e", "a"},
                    {"72", "Hangul"},
                    {"71", "Hangul_Hanja"},
                    {"f2", "Hangul"},
                    {"f1", "Hangul_Hanja"}}},
        LayoutCase{"Russian", 0x419, {{"10", "й"}, {"1e", "ф"}, {"s35", ","}}},
        LayoutCase{"RussianTypewriter", 0x10419, {{"10", "й"}, {"02", "№"}}},
        LayoutCase{"RussianMnemonic", 0x20419, {{"10", "я"}, {"12", "е"}}},
        LayoutCase{"Ukrainian", 0x422, {{"1f", "і"}, {"1b", "ї"}}},
        LayoutCase{"Belarusian", 0x423, {{"18", "ў"}}},
        LayoutCase{"Greek", 0x408, {{"1e", "α"}, {"27", "dead_acute"}}},
        LayoutCase{"GreekPolytonic", 0x60408, {{"1e", "α"}}},
        LayoutCase{"Hebrew", 0x40d, {{"1e", "ש"}, {"33", "ת"}}},
        LayoutCase{"Arabic", 0x401, {{"23", "ا"}, {"10", "ض"}}},
        LayoutCase{"ArabicAzerty", 0x20401, {{"23", "ا"}}},
        LayoutCase{"Persian", 0x429, {{"23", "ا"}, {"10", "ض"}}},
        LayoutCase{"TurkishQ", 0x41f, {{"17", "ı"}, {"28", "i"}, {"a10", "@"}}},
        LayoutCase{"TurkishF", 0x1041f, {{"10", "f"}, {"11", "g"}, {"12", "ğ"}}},
        LayoutCase{"Czech", 0x405, {{"15", "z"}, {"03", "ě"}, {"04", "š"}}},
        LayoutCase{"CzechQwerty", 0x10405, {{"15", "y"}, {"03", "ě"}}},
        LayoutCase{"CzechProgrammers", 0x20405, {{"15", "y"}, {"03", "2"}}},
        LayoutCase{"Slovak", 0x41b, {{"15", "z"}, {"03", "ľ"}}},
        LayoutCase{"SlovakQwerty", 0x1041b, {{"15", "y"}, {"03", "ľ"}}},
        LayoutCase{"PolishProgrammers", 0x415, {{"15", "y"}, {"a1e", "ą"}, {"b26", "Ł"}}},
        LayoutCase{"Polish214", 0x10415, {{"15", "z"}, {"27", "ł"}}},
        LayoutCase{"Hungarian", 0x40e, {{"15", "z"}, {"0b", "ö"}, {"27", "é"}, {"a2f", "@"}}},
        LayoutCase{"Hungarian101", 0x1040e, {{"15", "y"}, {"29", "í"}, {"27", "é"}}},
        LayoutCase{"Romanian", 0x10418, {{"1a", "ă"}, {"27", "ș"}}},
        LayoutCase{"Thai", 0x41e, {{"10", "ๆ"}, {"20", "ก"}}},
        LayoutCase{"ThaiPattachote", 0x1041e, {{"10", "็"}, {"20", "ง"}}},
        LayoutCase{"Devanagari", 0x439, {{"25", "क"}, {"23", "प"}}},
        LayoutCase{"Tamil", 0x449, {{"25", "க"}}}, LayoutCase{"Marathi", 0x44e, {{"25", "क"}}},
        LayoutCase{"Bangla", 0x445, {{"25", "ক"}}},
        LayoutCase{"CanadianFrench", 0x1009, {{"35", "é"}, {"1a", "dead_circumflex"}}},
        LayoutCase{"CanadianFrenchLegacy", 0xc0c, {{"35", "é"}, {"1a", "dead_circumflex"}}},
        LayoutCase{"CanadianMultilingual",
                   0x11009,
                   {{"28", "è"}, {"2b", "à"}, {"1b", "ç"}, {"35", "é"}, {"29", "/"}}},
        LayoutCase{"LatinAmerican", 0x80a, {{"27", "ñ"}, {"a10", "@"}, {"1a", "dead_acute"}}},
        LayoutCase{"Spanish", 0x40a, {{"27", "ñ"}, {"a03", "@"}, {"28", "dead_acute"}}},
        LayoutCase{"Italian", 0x410, {{"27", "ò"}, {"1a", "è"}, {"a27", "@"}}},
        LayoutCase{"Danish", 0x406, {{"1a", "å"}, {"27", "æ"}, {"28", "ø"}}},
        LayoutCase{"Norwegian", 0x414, {{"1a", "å"}, {"27", "ø"}, {"28", "æ"}}},
        LayoutCase{"Finnish", 0x40b, {{"1a", "å"}, {"27", "ö"}, {"28", "ä"}}},
        LayoutCase{"Icelandic", 0x40f, {{"1a", "ð"}, {"27", "æ"}, {"35", "þ"}}},
        LayoutCase{"Swedish", 0x41d, {{"1a", "å"}, {"27", "ö"}, {"28", "ä"}, {"a03", "@"}}},
        LayoutCase{"SamiNorway", 0x1043b, {{"10", "á"}}},
        LayoutCase{"Dutch", 0x413, {{"29", "@"}, {"27", "+"}, {"2b", "<"}, {"1a", "dead_diaeresis"}}},
        LayoutCase{"SerbianLatin", 0x81a, {{"15", "z"}, {"27", "č"}}},
        LayoutCase{"SerbianCyrillic", 0xc1a, {{"10", "љ"}, {"27", "ч"}}},
        LayoutCase{"BosnianCyrillic", 0x201a, {{"10", "љ"}}},
        LayoutCase{"Croatian", 0x41a, {{"15", "z"}, {"27", "č"}}},
        LayoutCase{"Macedonian", 0x42f, {{"10", "љ"}, {"2b", "ж"}}},
        LayoutCase{"BulgarianTypewriter", 0x402, {{"11", "у"}, {"12", "е"}}},
        LayoutCase{"BulgarianPhonetic", 0x20402, {{"10", "ч"}, {"11", "ш"}, {"15", "ъ"}, {"1a", "я"}}},
        LayoutCase{"BulgarianPhoneticTraditional", 0x40402, {{"10", "я"}, {"11", "в"}}},
        LayoutCase{"Latvian", 0x426, {{"10", "ū"}, {"11", "g"}, {"12", "j"}}},
        LayoutCase{"LatvianQwerty", 0x10426, {{"10", "q"}, {"28", "ISO_Level3_Latch"}}},
        LayoutCase{"Lithuanian", 0x10427, {{"02", "ą"}, {"03", "č"}}},
        LayoutCase{"Estonian", 0x425, {{"1a", "ü"}, {"27", "ö"}}},
        LayoutCase{"Albanian", 0x41c, {{"15", "z"}, {"1a", "ç"}}},
        LayoutCase{"Georgian", 0x10437, {{"10", "ქ"}, {"11", "წ"}}},
        LayoutCase{"Armenian", 0x42b, {{"1e", "ա"}}},
        LayoutCase{"Vietnamese", 0x42a, {{"02", "ă"}, {"0b", "đ"}}},
        LayoutCase{"Neo", 0xb0000407, {{"10", "x"}, {"11", "v"}}}),
    [](const auto& info) { return std::string(info.param.name); });

/// A dead key and a letter, as toolkits compose them.
TEST(KeyboardCharacters, DeadKeysOfUsInternationalCompose) {
  const Keymap keymap = from_components(layout_of(0x20409));
  State state(xkb_state_new(keymap.get()));
  std::unique_ptr<xkb_compose_table, decltype(&xkb_compose_table_unref)> table(
      xkb_compose_table_new_from_locale(context(), "en_US.UTF-8", XKB_COMPOSE_COMPILE_NO_FLAGS),
      &xkb_compose_table_unref);
  ASSERT_TRUE(table);
  std::unique_ptr<xkb_compose_state, decltype(&xkb_compose_state_unref)> compose(
      xkb_compose_state_new(table.get(), XKB_COMPOSE_STATE_NO_FLAGS), &xkb_compose_state_unref);
  for (auto [code, letter, expected] : {std::tuple{0x28, 0x12, "é"}, std::tuple{0x29, 0x1e, "à"}}) {
    for (int key : {code, letter}) {
      xkb_compose_state_feed(compose.get(),
                             xkb_state_key_get_one_sym(
                                 state.get(), *ScancodeReader().keycode(static_cast<std::uint8_t>(key), 0)));
    }
    char text[16] = {};
    xkb_compose_state_get_utf8(compose.get(), text, sizeof text);
    EXPECT_STREQ(text, expected);
  }
}

}  // namespace
}  // namespace ts::display
