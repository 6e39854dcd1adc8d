// A person's keyboard and mouse at one session, and a program of the session that sees what comes of them.
#pragma once

#include "lib/display/xcb_xkb.h"
#include "tests/unit/display/harness.h"

namespace ts::display::test {

using Names = std::vector<std::string>;

inline constexpr std::uint8_t kE0 = 0xe0, kE1 = 0xe1;
inline constexpr std::uint8_t kShift = 0x2a, kAlt = 0x38, kF12 = 0x58, kCapsLock = 0x3a, kNumLock = 0x45,
                              kKeyA = 0x1e;
inline constexpr std::uint32_t kScrollBit = 1, kNumBit = 2, kCapsBit = 4;

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

}  // namespace ts::display::test
