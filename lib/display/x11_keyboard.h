// Keyboard input into an X server: keys and characters through XTest, layout and locks through XKB.
//
// Clients of RDP repeat held keys themselves, so the server's own repetition is kept off: a network that is
// cut while a key is down must not type on for ever. Several stacks may hold the same key: it goes up when
// the last one lets go.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <span>

#include "lib/display/x11_connection.h"
#include "lib/display/x11_keymap.h"

namespace ts::display {

class X11Keyboard {
 public:
  /// Keys that a former tsdisplay left pressed are released.
  static Result<std::unique_ptr<X11Keyboard>> open(X11Connection& connection);

  /// True if the event was one of ours; locks() may have changed.
  bool handle_event(const xcb_generic_event_t& event);

  /// The layout of the client that came; nothing is done if the last client had the same, so that what a user
  /// made of it with setxkbmap stays. Another layout starts afresh: no key down, nothing latched, nothing
  /// locked that has no light, and its first group.
  Result<> set_layout(const KeyboardLayout& layout);

  /// How often another layout has let all keys go: who holds keys holds none of them any more.
  unsigned times_lifted() const { return times_lifted_; }

  void press(Keycode keycode);
  void release(Keycode keycode);
  /// Another "down" of a key that is down.
  void repeat(Keycode keycode);
  /// Types one character whatever the layout is. kLater: it needs a key that is not free at this moment; then
  /// the caller comes back with it and with what is to be typed after it (`upcoming`, this one first).
  /// kNever: no way.
  using Typed = X11Keymap::Lending;
  Typed type(char32_t character, std::span<const char32_t> upcoming);

  /// Bits as in display_messages.h: LockState. Those for which the keymap has no lock are ignored and never
  /// told.
  void set_locks(std::uint32_t locks);
  std::uint32_t locks() { return keymap_.locks_of_modifiers(locked_modifiers_); }
  std::uint32_t known_locks() { return keymap_.locks_of_modifiers(0xff); }

 private:
  explicit X11Keyboard(X11Connection& connection) : connection_(connection), keymap_(connection) {}
  Result<> set_up();
  void select_events();
  void stop_server_repeat();
  std::optional<ModifierState> modifiers();
  void send(bool down, Keycode keycode);
  void tap(Keycode keycode);
  void type(const X11Keymap::Typing& typing, const ModifierState& now);
  void lift_all();
  std::vector<Keycode> held_keys_of(std::uint32_t modifier);

  X11Connection& connection_;
  X11Keymap keymap_;
  std::optional<KeyboardLayout> layout_;
  std::uint32_t locked_modifiers_ = 0;
  std::array<int, 256> holders_{};
  unsigned times_lifted_ = 0;
};

}  // namespace ts::display
