// What a client types and points at, as programs of the session get it.
#include <xcb/xtest.h>

#include "lib/display/keyboard_layout_table.h"
#include "lib/display/xcb_xkb.h"
#include "tests/unit/display/harness.h"

namespace ts::display::test {
namespace {

using Names = std::vector<std::string>;

constexpr std::uint8_t kE0 = 0xe0, kE1 = 0xe1;
constexpr std::uint8_t kShift = 0x2a, kAlt = 0x38, kF12 = 0x58, kCapsLock = 0x3a, kNumLock = 0x45,
                       kKeyA = 0x1e;
constexpr std::uint32_t kScrollBit = 1, kNumBit = 2, kCapsBit = 4;

class Input : public ::testing::Test {
 protected:
  Input() : stack(session.attach()), program(session.program()) {
    EXPECT_TRUE(stack->next<Geometry>());
    window = program.open_window({0, 0, 400, 300});
  }
  void use_layout(std::uint32_t id, std::uint32_t type = 7) {
    stack->send(Keyboard{.layout = id, .type = type});
  }
  /// What programs see of everything typed so far.
  Names typed() {
    stack->tap(kF12);
    stack->settle();
    return program.keys_until_f12();
  }
  int keys_down() {
    stack->settle();
    return count_keys_down();
  }
  int count_keys_down() {
    XReply<xcb_query_keymap_reply_t> keys(
        xcb_query_keymap_reply(program.xcb(), xcb_query_keymap(program.xcb()), nullptr));
    int count = 0;
    for (std::uint8_t byte : keys->keys) count += __builtin_popcount(byte);
    return count;
  }
  std::uint16_t pointer_mask() {
    XReply<xcb_query_pointer_reply_t> reply(
        xcb_query_pointer_reply(program.xcb(), xcb_query_pointer(program.xcb(), program.root()), nullptr));
    return reply->mask;
  }
  XReply<xcb_xkb_get_state_reply_t> xkb_state() {
    return XReply<xcb_xkb_get_state_reply_t>(xcb_xkb_get_state_reply(
        program.xcb(), xcb_xkb_get_state(program.xcb(), XCB_XKB_ID_USE_CORE_KBD), nullptr));
  }
  /// As a program of the session does it.
  void lock(std::uint8_t modifiers, std::uint8_t group) {
    xcb_xkb_latch_lock_state(program.xcb(), XCB_XKB_ID_USE_CORE_KBD, modifiers, modifiers, 1, group, 0, 0, 0);
    program.sync();
  }
  /// Button presses up to a press of the back button.
  std::vector<int> buttons() {
    stack->send(MouseEvent{.x = 1, .y = 1, .button = 8, .down = 1});
    stack->send(MouseEvent{.x = 1, .y = 1, .button = 8, .down = 0});
    stack->settle();
    std::vector<int> out;
    while (auto event = program.next_event(XCB_BUTTON_PRESS)) {
      const auto& press = reinterpret_cast<const xcb_button_press_event_t&>(*event);
      if (press.detail == 8) break;
      out.push_back(press.detail);
    }
    return out;
  }

  SessionDisplay session;
  std::unique_ptr<TestStack> stack;
  TestProgram program;
  xcb_window_t window = 0;
};

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

TEST_F(Input, ExtendedKeysAndPause) {
  for (std::uint8_t code :
       {0x48, 0x4b, 0x4d, 0x50, 0x52, 0x53, 0x47, 0x4f, 0x49, 0x51, 0x1c, 0x35, 0x5d, 0x37}) {
    stack->tap(code, kE0);
  }
  stack->key(0x1d, true, kE1);
  stack->key(0x45, true);
  stack->key(0x1d, false, kE1);
  stack->key(0x45, false);
  EXPECT_EQ(typed(), (Names{"Up", "Left", "Right", "Down", "Insert", "Delete", "Home", "End", "Prior", "Next",
                            "KP_Enter", "KP_Divide", "Menu", "Print", "Pause"}));
  EXPECT_EQ(keys_down(), 0);
}

TEST_F(Input, ReleaseOfAKeyThatIsUpIsHarmless) {
  stack->key(0x0f, false);
  stack->send(SynchronizeEvent{});
  stack->key(0x0f, false);
  stack->key(0x7f, true, kE0);  // no such key
  EXPECT_EQ(typed(), Names{});
}

TEST_F(Input, EachRepeatedDownIsOnePress) {
  stack->key(kKeyA, true);
  stack->key(kKeyA, true);
  stack->key(kKeyA, true);
  EXPECT_EQ(keys_down(), 1);
  stack->key(kKeyA, false);
  stack->key(kShift, true);
  stack->key(kShift, true);
  stack->key(kShift, false);
  EXPECT_EQ(typed(), (Names{"a", "a", "a", "Shift_L"}));
}

TEST_F(Input, TheServerDoesNotRepeatEvenIfAProgramTurnsThatOn) {
  auto repeats = [&] {
    XReply<xcb_get_keyboard_control_reply_t> control(
        xcb_get_keyboard_control_reply(program.xcb(), xcb_get_keyboard_control(program.xcb()), nullptr));
    return control->global_auto_repeat == XCB_AUTO_REPEAT_MODE_ON;
  };
  stack->settle();
  EXPECT_FALSE(repeats());
  const std::uint32_t on = XCB_AUTO_REPEAT_MODE_ON;
  xcb_change_keyboard_control(program.xcb(), XCB_KB_AUTO_REPEAT_MODE, &on);
  program.sync();
  stack->settle();
  EXPECT_FALSE(repeats());
  use_layout(0x407);
  stack->settle();
  EXPECT_FALSE(repeats());
}

TEST_F(Input, SynchronizeReleasesKeysAndSetsLocks) {
  stack->key(kKeyA, true);
  EXPECT_EQ(keys_down(), 1);
  stack->send(SynchronizeEvent{.locks = kCapsBit | kNumBit});
  EXPECT_EQ(keys_down(), 0);
  stack->tap(kKeyA);
  stack->tap(0x4f);  // keypad 1
  EXPECT_EQ(typed(), (Names{"a", "A", "KP_1"}));
  stack->send(SynchronizeEvent{});
  stack->tap(kKeyA);
  stack->tap(0x4f);
  EXPECT_EQ(typed(), (Names{"a", "KP_End"}));
}

TEST_F(Input, LockLightsAreToldWhenTheyChange) {
  auto locks_until = [&](std::uint32_t wanted) {
    std::optional<LockState> state;
    do {
      state = stack->next<LockState>();
    } while (state && state->locks != wanted);
    return state.has_value();
  };
  stack->send(SynchronizeEvent{.locks = kNumBit | kScrollBit});
  EXPECT_TRUE(
      locks_until(kNumBit | kScrollBit));  // the keymap has no Scroll Lock: it stays as the client has it
  stack->tap(kCapsLock);
  EXPECT_TRUE(locks_until(kNumBit | kScrollBit | kCapsBit));
  stack->tap(kNumLock);
  EXPECT_TRUE(locks_until(kScrollBit | kCapsBit));
  // A program of the session, too.
  xcb_test_fake_input(program.xcb(), XCB_KEY_PRESS, kCapsLock + 8, 0, program.root(), 0, 0, 0);
  xcb_test_fake_input(program.xcb(), XCB_KEY_RELEASE, kCapsLock + 8, 0, program.root(), 0, 0, 0);
  program.sync();
  EXPECT_TRUE(locks_until(kScrollBit));
}

TEST_F(Input, CharactersOfTheLayoutUseItsKeys) {
  use_layout(0x407);
  stack->settle();
  for (char32_t c : U"zZ\u00f6@|") {
    if (c != 0) stack->type(c);
  }
  EXPECT_EQ(typed(),
            (Names{"z", "Shift_L", "Z", "odiaeresis", "ISO_Level3_Shift", "at", "ISO_Level3_Shift", "bar"}));
  EXPECT_EQ(keys_down(), 0);
}

TEST_F(Input, CharactersTheLayoutLacksAreTypedToo) {
  const char32_t text[] = {U'\u0436', U'\u00e9', U'\u20ac', U'\u3042', U'\U0001f600', U'\u0436', '\r', '\b'};
  Names seen;
  for (char32_t c : text) {
    stack->type(c);
    stack->settle();
    seen.push_back(program.next_key());
  }
  EXPECT_EQ(seen, (Names{"Cyrillic_zhe", "eacute", "EuroSign", "U3042", "U0001F600", "Cyrillic_zhe", "Return",
                         "BackSpace"}));
}

TEST_F(Input, ShiftAndCapsLockDoNotChangeTypedCharacters) {
  stack->send(SynchronizeEvent{.locks = kCapsBit});
  stack->type(U'a');
  stack->type(U'A');
  stack->settle();
  EXPECT_EQ(program.next_key(), "Shift_L");
  EXPECT_EQ(program.next_key(), "a");
  EXPECT_EQ(program.next_key(), "A");
  stack->type(U'\u0436');
  stack->settle();
  EXPECT_EQ(program.next_key(), "Cyrillic_zhe");
  stack->send(SynchronizeEvent{});
  stack->key(kShift, true);
  stack->type(U'a');
  stack->type(U'\u00e9');
  stack->settle();
  EXPECT_EQ(program.next_key(), "Shift_L");
  EXPECT_EQ(program.next_key(), "a");
  EXPECT_EQ(program.next_key(), "Shift_L");  // down again, as the client has it
  EXPECT_EQ(program.next_key(), "eacute");
}

TEST_F(Input, MoreCharactersThanSpareKeys) {
  for (char32_t c = 0x4e00; c < 0x4e00 + 60; ++c) {
    stack->type(c);
    stack->settle();
    EXPECT_EQ(program.next_key(), fmt::format("U{:04X}", static_cast<std::uint32_t>(c)));
  }
}

TEST_F(Input, MouseMovesAndItsButtons) {
  stack->send(MouseEvent{.x = 123, .y = 45, .button = 1, .down = 1});
  stack->settle();
  auto event = program.next_event(XCB_BUTTON_PRESS);
  ASSERT_TRUE(event);
  const auto& press = reinterpret_cast<const xcb_button_press_event_t&>(*event);
  EXPECT_EQ(press.detail, 1);
  EXPECT_EQ(press.root_x, 123);
  EXPECT_EQ(press.root_y, 45);
  stack->send(MouseEvent{.x = 124, .y = 46, .button = 1, .down = 0});
  for (std::uint8_t button : {2, 3, 9}) {
    stack->send(MouseEvent{.x = 10, .y = 10, .button = button, .down = 1});
    stack->send(MouseEvent{.x = 10, .y = 10, .button = button, .down = 0});
  }
  EXPECT_EQ(buttons(), (std::vector<int>{2, 3, 9}));
}

TEST_F(Input, MouseOutsideIsAtTheEdge) {
  stack->send(MouseEvent{.x = 60000, .y = 60000});
  stack->settle();
  XReply<xcb_query_pointer_reply_t> reply(
      xcb_query_pointer_reply(program.xcb(), xcb_query_pointer(program.xcb(), program.root()), nullptr));
  EXPECT_EQ(reply->root_x, 1023);
  EXPECT_EQ(reply->root_y, 767);
}

TEST_F(Input, WheelTurnsAddUpToNotches) {
  auto turn = [&](int vertical, int horizontal) {
    stack->send(MouseEvent{.move = 0,
                           .wheel_vertical = static_cast<std::int16_t>(vertical),
                           .wheel_horizontal = static_cast<std::int16_t>(horizontal)});
  };
  stack->send(MouseEvent{.x = 50, .y = 50});
  turn(120, 0);
  turn(-240, 0);
  turn(0, 120);
  turn(0, -120);
  for (int i = 0; i < 4; ++i) turn(30, 0);
  turn(119, 0);
  turn(-119, 0);
  turn(-1, 0);
  EXPECT_EQ(buttons(), (std::vector<int>{4, 5, 5, 7, 6, 4, 5}));
}

TEST_F(Input, AKeyThatNeverGoesUpIsNotHeld) {
  use_layout(0x412);
  stack->key(0xf2, true);  // Hangul of a Korean keyboard
  EXPECT_EQ(keys_down(), 0);
  stack->key(0xf2, true);
  stack->key(0xf1, true);
  EXPECT_EQ(typed(), (Names{"Hangul", "Hangul", "Hangul_Hanja"}));
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

TEST_F(Input, DetachReleasesWhatTheClientHeld) {
  stack->key(kKeyA, true);
  stack->key(kShift, true);
  stack->send(MouseEvent{.x = 10, .y = 10, .button = 1, .down = 1});
  EXPECT_EQ(keys_down(), 2);
  EXPECT_TRUE(pointer_mask() & XCB_KEY_BUT_MASK_BUTTON_1);
  stack->detach();
  for (int key = 0; key < 2; ++key) ASSERT_TRUE(program.next_event(XCB_KEY_RELEASE));
  auto other = session.attach();
  other->settle();
  EXPECT_EQ(count_keys_down(), 0);
  EXPECT_FALSE(pointer_mask() & XCB_KEY_BUT_MASK_BUTTON_1);
}

// A stack that does not close its end may be anybody's by then.
TEST_F(Input, ANewStackEndsTheOneBefore) {
  stack->key(kKeyA, true);
  EXPECT_EQ(keys_down(), 1);
  auto other = session.attach();
  EXPECT_TRUE(session.waiter.until([&] { return stack->closed; }));
  ASSERT_TRUE(program.next_event(XCB_KEY_RELEASE));
  other->settle();
  EXPECT_EQ(count_keys_down(), 0);
  EXPECT_TRUE(other->pull());
}

TEST_F(Input, TheHostEndsAStackThatDoesNotGo) {
  stack->key(kKeyA, true);
  EXPECT_EQ(keys_down(), 1);
  ASSERT_TRUE(session.process->detach());
  EXPECT_TRUE(session.waiter.until([&] { return stack->closed; }));
  ASSERT_TRUE(program.next_event(XCB_KEY_RELEASE));
  ASSERT_TRUE(session.process->detach()) << "nobody is there: nothing to do";
  auto other = session.attach();
  other->settle();
  EXPECT_EQ(count_keys_down(), 0);
  EXPECT_TRUE(other->pull());
}

TEST_F(Input, WorksWhileAProgramGrabsTheServer) {
  stack->settle();
  xcb_grab_server(program.xcb());
  program.sync();
  stack->tap(kKeyA);
  stack->settle();
  EXPECT_EQ(program.next_key(), "a");
  xcb_ungrab_server(program.xcb());
  program.sync();
}

}  // namespace
}  // namespace ts::display::test
