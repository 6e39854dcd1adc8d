// Layouts: what is printed on the keys is what programs get, and what is left when a client with another
// comes.
#include "lib/display/keyboard_layout_table.h"
#include "tests/unit/display/input_fixture.h"

namespace ts::display::test {
namespace {

struct Press {
  std::uint8_t code;
  char with = 0;  // 's' Shift, 'a' AltGr
  const char* keysym;
};
struct LayoutCase {
  const char* name;
  std::uint32_t id;
  std::vector<Press> presses;
};

class Layouts : public Input, public ::testing::WithParamInterface<LayoutCase> {};

TEST_P(Layouts, KeysMeanWhatIsPrintedOnThem) {
  use_layout(GetParam().id);
  Names expected;
  for (const Press& press : GetParam().presses) {
    if (press.with == 's') stack->key(kShift, true);
    if (press.with == 'a') stack->key(kAlt, true, kE0);
    stack->tap(press.code);
    if (press.with == 's') stack->key(kShift, false);
    if (press.with == 'a') stack->key(kAlt, false, kE0);
    if (press.with == 's') expected.push_back("Shift_L");
    if (press.with == 'a')
      expected.push_back(GetParam().name == std::string("us") ? "Alt_R" : "ISO_Level3_Shift");
    expected.push_back(press.keysym);
  }
  EXPECT_EQ(typed(), expected);
}

INSTANTIATE_TEST_SUITE_P(
    All, Layouts,
    ::testing::Values(
        LayoutCase{"us", 0x409, {{0x2b, 0, "backslash"}, {0x03, 's', "at"}, {0x15, 0, "y"}}},
        LayoutCase{"gb", 0x809, {{0x2b, 0, "numbersign"}, {0x04, 's', "sterling"}, {0x28, 's', "at"}}},
        LayoutCase{
            "de", 0x407, {{0x15, 0, "z"}, {0x27, 0, "odiaeresis"}, {0x10, 'a', "at"}, {0x56, 0, "less"}}},
        LayoutCase{"fr", 0x40c, {{0x10, 0, "a"}, {0x02, 0, "ampersand"}, {0x0b, 'a', "at"}, {0x27, 0, "m"}}},
        LayoutCase{"es", 0x40a, {{0x27, 0, "ntilde"}, {0x03, 'a', "at"}, {0x0c, 0, "apostrophe"}}},
        LayoutCase{"it", 0x410, {{0x27, 0, "ograve"}, {0x1a, 0, "egrave"}}},
        LayoutCase{"br", 0x416, {{0x27, 0, "ccedilla"}, {0x73, 0, "slash"}, {0x7e, 0, "KP_Decimal"}}},
        LayoutCase{"jp", 0x411, {{0x03, 's', "quotedbl"}, {0x7d, 0, "backslash"}, {0x73, 's', "underscore"}}},
        LayoutCase{"jpime", 0xe0010411, {{0x1a, 0, "at"}, {0x79, 0, "Henkan_Mode"}}},
        LayoutCase{"ru", 0x419, {{0x10, 0, "Cyrillic_shorti"}, {0x1e, 's', "Cyrillic_EF"}}},
        LayoutCase{"se", 0x41d, {{0x1a, 0, "aring"}, {0x28, 0, "adiaeresis"}, {0x27, 's', "Odiaeresis"}}},
        LayoutCase{"chde", 0x807, {{0x1a, 0, "udiaeresis"}, {0x15, 0, "z"}, {0x1a, 's', "egrave"}}},
        LayoutCase{"chfr", 0x100c, {{0x1a, 0, "egrave"}, {0x15, 0, "z"}, {0x1a, 's', "udiaeresis"}}},
        LayoutCase{"be", 0x80c, {{0x10, 0, "a"}, {0x0c, 0, "parenright"}}},
        LayoutCase{"dvorak", 0x10409, {{0x10, 0, "apostrophe"}, {0x1f, 0, "o"}}},
        LayoutCase{"gr", 0x408, {{0x1e, 0, "Greek_alpha"}}},
        LayoutCase{"il", 0x40d, {{0x1e, 0, "hebrew_shin"}}}, LayoutCase{"cafr", 0xc0c, {{0x35, 0, "eacute"}}},
        LayoutCase{"unknownvariant", 0xf0407, {{0x15, 0, "z"}}},
        LayoutCase{"unknown", 0xfefe, {{0x15, 0, "y"}}}),
    [](const auto& info) { return std::string(info.param.name); });

/// What the table has loads in a real server: a name that it does not know would leave the former layout.
TEST_F(Input, EveryKnownLayoutLoads) {
  constexpr std::string_view kProperty = "_XKB_RULES_NAMES";
  XReply<xcb_intern_atom_reply_t> atom(xcb_intern_atom_reply(
      program.xcb(), xcb_intern_atom(program.xcb(), 0, kProperty.size(), kProperty.data()), nullptr));
  for (const KeyboardLayoutIds& row : keyboard_layout_table()) {
    const std::uint32_t id = *row.ids.begin();
    use_layout(id);
    stack->settle();
    const KeyboardLayout layout = choose_keyboard({.layout = id, .type = 7}).layout;
    XReply<xcb_get_property_reply_t> reply(xcb_get_property_reply(
        program.xcb(),
        xcb_get_property(program.xcb(), 0, program.root(), atom->atom, XCB_ATOM_STRING, 0, 100), nullptr));
    const std::string value(static_cast<const char*>(xcb_get_property_value(reply.get())),
                            static_cast<std::size_t>(xcb_get_property_value_length(reply.get())));
    const std::string start = fmt::format("evdev{0}{1}{0}{2}{3}{0}{4}", '\0', layout.model, layout.layout,
                                          layout.needs_latin ? ",us" : "", layout.variant);
    EXPECT_EQ(value.substr(0, start.size()), start) << std::hex << id;
  }
}

TEST_F(Input, AJapaneseKeyboardOfType4IsAUsOne) {
  use_layout(0x411, 4);
  stack->tap(0x1a);
  EXPECT_EQ(typed(), Names{"bracketleft"});
  use_layout(0x411, 7);
  stack->tap(0x1a);
  EXPECT_EQ(typed(), Names{"at"});
}

/// A client with another layout comes to a session whose user has switched groups (setxkbmap us,ru) and
/// locked what has no light.
TEST_F(Input, AnotherLayoutStartsInItsFirstGroupWithNothingLockedUnseen) {
  constexpr std::uint8_t kLevel3Mask = 0x80;
  use_layout(0x419);
  stack->settle();
  lock(0, 1);
  EXPECT_EQ(xkb_state()->lockedGroup, 1);
  stack->tap(0x10);
  stack->settle();
  EXPECT_EQ(program.next_key(), "q");
  lock(kLevel3Mask, 1);
  EXPECT_EQ(xkb_state()->lockedMods, kLevel3Mask);
  use_layout(0x422);
  stack->settle();
  auto state = xkb_state();
  EXPECT_EQ(state->group, 0);
  EXPECT_EQ(state->mods, 0);
  stack->tap(0x1f);
  EXPECT_EQ(typed(), Names{"Ukrainian_i"});
}

TEST_F(Input, AnotherLayoutHasNothingLatched) {
  use_layout(0x10426);
  stack->tap(0x28);  // latches AltGr
  stack->settle();
  EXPECT_NE(xkb_state()->latchedMods, 0);
  use_layout(0x407);
  stack->settle();
  EXPECT_EQ(xkb_state()->mods, 0);
}

TEST_F(Input, TheSameLayoutKeepsTheGroupThatItsUserChose) {
  use_layout(0x419);
  stack->settle();
  lock(0, 1);
  stack->detach();
  stack = session.attach();
  use_layout(0x419);
  stack->settle();
  EXPECT_EQ(xkb_state()->lockedGroup, 1);
}

TEST_F(Input, AnotherLayoutKeepsLocksWithLights) {
  stack->send(SynchronizeEvent{.locks = kCapsBit | kNumBit});
  use_layout(0x407);
  stack->tap(0x15);
  stack->tap(0x4f);
  EXPECT_EQ(typed(), (Names{"Z", "KP_1"}));
}

TEST_F(Input, AnotherLayoutLeavesNoModifierOfKeysThatAreDown) {
  use_layout(0x407);
  stack->key(kAlt, true, kE0);  // AltGr there, Alt on the US keyboard
  stack->key(kShift, true);
  stack->key(kKeyA, true);
  EXPECT_EQ(keys_down(), 3);
  auto other = session.attach();
  ASSERT_TRUE(other->next<Geometry>());
  other->send(Keyboard{.layout = 0x409, .type = 4});
  other->settle();
  EXPECT_EQ(count_keys_down(), 0);
  EXPECT_EQ(xkb_state()->mods, 0);
  other->key(kShift, true);
  other->tap(kKeyA);
  other->key(kShift, false);
  other->tap(kF12);
  other->settle();
  EXPECT_EQ(program.keys_until_f12().back(), "A");
  EXPECT_EQ(count_keys_down(), 0);
  EXPECT_EQ(xkb_state()->mods, 0);
}

}  // namespace
}  // namespace ts::display::test
