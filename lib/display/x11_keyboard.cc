#include "lib/display/x11_keyboard.h"

#include <xcb/xtest.h>

#include <utility>

#include "lib/display/xcb_xkb.h"

namespace ts::display {
namespace {

constexpr std::uint16_t kCoreKeyboard = XCB_XKB_ID_USE_CORE_KBD;

}  // namespace

Result<std::unique_ptr<X11Keyboard>> X11Keyboard::open(X11Connection& connection) {
  std::unique_ptr<X11Keyboard> out(new X11Keyboard(connection));
  TS_TRY(out->set_up());
  return out;
}

Result<> X11Keyboard::set_up() {
  xcb_connection_t* xcb = connection_.xcb();
  select_events();
  stop_server_repeat();
  XReply<xcb_query_keymap_reply_t> down(xcb_query_keymap_reply(xcb, xcb_query_keymap(xcb), nullptr));
  for (int key = 8; down && key < 256; ++key) {
    if (down->keys[key / 8] & (1 << (key % 8))) send(false, static_cast<Keycode>(key));
  }
  auto state = modifiers();
  if (!state) return fail(ErrorCode::kUnavailable, "the display server does not tell its keyboard's state");
  locked_modifiers_ = state->locked;
  // Xvfb starts with the US layout. A former tsdisplay may have set another, which the next client decides
  // on.
  if (keymap_.named(KeyboardLayout{})) layout_ = KeyboardLayout{};
  known_locks();  // reads the keymap, which the first client would wait for
  return {};
}

void X11Keyboard::select_events() {
  constexpr std::uint16_t kLocks = XCB_XKB_STATE_PART_MODIFIER_LOCK;
  constexpr std::uint16_t kMap = XCB_XKB_MAP_PART_KEY_TYPES | XCB_XKB_MAP_PART_KEY_SYMS |
                                 XCB_XKB_MAP_PART_MODIFIER_MAP | XCB_XKB_MAP_PART_KEY_ACTIONS |
                                 XCB_XKB_MAP_PART_VIRTUAL_MODS | XCB_XKB_MAP_PART_VIRTUAL_MOD_MAP;
  constexpr std::uint16_t kKeyboard = XCB_XKB_NKN_DETAIL_KEYCODES;
  xcb_xkb_select_events_details_t details{};
  details.affectNewKeyboard = kKeyboard;
  details.newKeyboardDetails = kKeyboard;
  details.affectState = kLocks;
  details.stateDetails = kLocks;
  details.affectCtrls = XCB_XKB_CONTROL_CONTROLS_ENABLED;
  details.ctrlDetails = XCB_XKB_CONTROL_CONTROLS_ENABLED;
  xcb_xkb_select_events_aux(connection_.xcb(), kCoreKeyboard,
                            XCB_XKB_EVENT_TYPE_NEW_KEYBOARD_NOTIFY | XCB_XKB_EVENT_TYPE_MAP_NOTIFY |
                                XCB_XKB_EVENT_TYPE_STATE_NOTIFY | XCB_XKB_EVENT_TYPE_CONTROLS_NOTIFY,
                            0, 0, kMap, kMap, &details);
}

void X11Keyboard::stop_server_repeat() {
  const std::uint32_t off = XCB_AUTO_REPEAT_MODE_OFF;
  xcb_change_keyboard_control(connection_.xcb(), XCB_KB_AUTO_REPEAT_MODE, &off);
}

bool X11Keyboard::handle_event(const xcb_generic_event_t& event) {
  if ((event.response_type & 0x7f) != connection_.xkb_event()) return false;
  switch (event.pad0) {  // where all XKB events have their type
    case XCB_XKB_NEW_KEYBOARD_NOTIFY:
    case XCB_XKB_MAP_NOTIFY:
      keymap_.forget();
      break;
    case XCB_XKB_STATE_NOTIFY:
      locked_modifiers_ = reinterpret_cast<const xcb_xkb_state_notify_event_t&>(event).lockedMods;
      break;
    case XCB_XKB_CONTROLS_NOTIFY:
      // A desktop's settings daemon has turned it on.
      if (reinterpret_cast<const xcb_xkb_controls_notify_event_t&>(event).enabledControls &
          XCB_XKB_BOOL_CTRL_REPEAT_KEYS) {
        stop_server_repeat();
      }
      break;
  }
  return true;
}

Result<> X11Keyboard::set_layout(const KeyboardLayout& layout) {
  if (layout_ == layout) return {};
  layout_ = layout;
  const auto now = modifiers();  // not locks(): events may be on their way
  const std::uint32_t lights = now ? keymap_.locks_of_modifiers(now->locked) : 0;
  // Before, because what a key did when it went down is undone by what it means when it goes up.
  lift_all();
  auto applied = keymap_.apply(layout);
  stop_server_repeat();  // a new keymap brings its own controls
  constexpr std::uint8_t kAllModifiers = 0xff;
  xcb_xkb_latch_lock_state(connection_.xcb(), kCoreKeyboard, kAllModifiers,
                           static_cast<std::uint8_t>(keymap_.modifiers_of_locks(lights)), 1, 0, kAllModifiers,
                           1, 0);
  return applied;
}

void X11Keyboard::lift_all() {
  ++times_lifted_;
  for (int key = 8; key < 256; ++key) {
    const auto keycode = static_cast<Keycode>(key);
    if (std::exchange(holders_[keycode], 0) > 0) send(false, keycode);
  }
}

std::optional<ModifierState> X11Keyboard::modifiers() {
  xcb_connection_t* xcb = connection_.xcb();
  XReply<xcb_xkb_get_state_reply_t> state(
      xcb_xkb_get_state_reply(xcb, xcb_xkb_get_state(xcb, kCoreKeyboard), nullptr));
  if (!state) return std::nullopt;
  return ModifierState{.base = state->baseMods, .locked = state->lockedMods, .group = state->group};
}

void X11Keyboard::send(bool down, Keycode keycode) {
  xcb_test_fake_input(connection_.xcb(), down ? XCB_KEY_PRESS : XCB_KEY_RELEASE, keycode, XCB_CURRENT_TIME,
                      connection_.root(), 0, 0, 0);
}

void X11Keyboard::tap(Keycode keycode) {
  const bool held = holders_[keycode] > 0;
  if (held) send(false, keycode);
  send(true, keycode);
  if (!held) send(false, keycode);
}

void X11Keyboard::press(Keycode keycode) {
  if (holders_[keycode]++ == 0) send(true, keycode);
}

void X11Keyboard::release(Keycode keycode) {
  if (holders_[keycode] > 0 && --holders_[keycode] == 0) send(false, keycode);
}

void X11Keyboard::repeat(Keycode keycode) {
  if (is_modifier(keycode) || holders_[keycode] == 0) return;
  tap(keycode);  // a press of a pressed key would be dropped
}

std::vector<Keycode> X11Keyboard::held_keys_of(std::uint32_t modifier) {
  std::vector<Keycode> out;
  for (int key = 8; key < 256; ++key) {
    const auto keycode = static_cast<Keycode>(key);
    if (holders_[keycode] > 0 && (keymap_.modifiers_of_key(keycode) & modifier)) out.push_back(keycode);
  }
  return out;
}

X11Keyboard::Typed X11Keyboard::type(char32_t character, std::span<const char32_t> upcoming) {
  const xkb_keysym_t keysym = xkb_utf32_to_keysym(character);
  auto now = modifiers();
  if (keysym == XKB_KEY_NoSymbol || !now) return Typed::kNever;
  auto typing = keymap_.find(keysym, *now);
  if (!typing) {
    std::vector<xkb_keysym_t> lacking{keysym};
    for (char32_t other : upcoming) {
      const xkb_keysym_t next = xkb_utf32_to_keysym(other);
      if (next != XKB_KEY_NoSymbol && !keymap_.find(next, *now)) lacking.push_back(next);
    }
    if (auto lent = keymap_.lend(lacking, net::Clock::now()); lent != Typed::kDone) return lent;
    typing = keymap_.find(keysym, *now);
  }
  if (!typing) return Typed::kNever;
  type(*typing, *now);
  return Typed::kDone;
}

void X11Keyboard::type(const X11Keymap::Typing& typing, const ModifierState& now) {
  std::vector<Keycode> lifted, pressed;
  auto arrange = [&](bool wanted, std::uint32_t mask, Keycode key) {
    const bool is_down = (now.base & mask) != 0;
    if (wanted == is_down) return;
    if (wanted) {
      pressed.push_back(key);
    } else {
      auto held = held_keys_of(mask);
      lifted.insert(lifted.end(), held.begin(), held.end());
    }
  };
  if (!typing.any_modifiers) {
    arrange(typing.shift, keymap_.shift_mask(), keymap_.shift_key());
    arrange(typing.level3, keymap_.level3_mask(), keymap_.level3_key());
  }
  for (Keycode key : lifted) send(false, key);
  for (Keycode key : pressed) send(true, key);
  tap(typing.keycode);
  for (Keycode key : pressed) send(false, key);
  for (Keycode key : lifted) send(true, key);
}

void X11Keyboard::set_locks(std::uint32_t locks) {
  const std::uint32_t all = keymap_.modifiers_of_locks(~0U), wanted = keymap_.modifiers_of_locks(locks);
  xcb_xkb_latch_lock_state(connection_.xcb(), kCoreKeyboard, static_cast<std::uint8_t>(all),
                           static_cast<std::uint8_t>(wanted), 0, 0, 0, 0, 0);
}

}  // namespace ts::display
