// What a client types and points at, as programs of the session get it.
#include <xcb/xtest.h>

#include "tests/unit/display/input_fixture.h"

namespace ts::display::test {
namespace {

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
