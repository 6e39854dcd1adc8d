// What one stack's client does with keyboard and mouse, brought into the display server. Remembers what this
// client holds down, so that all of it goes up when the client leaves.
//
// Characters that the keyboard lacks are typed with keys that are lent to them, of which there are few: in a
// long burst they wait, and everything that comes after them behind them.
#pragma once

#include <bitset>
#include <deque>
#include <variant>

#include "lib/display/display_messages.h"
#include "lib/display/scancodes.h"
#include "lib/display/x11_desktop.h"
#include "lib/display/x11_keyboard.h"
#include "lib/display/x11_pointer.h"

namespace ts::display {

class StackInput {
 public:
  StackInput(X11Desktop& desktop, X11Keyboard& keyboard, X11Pointer& pointer)
      : desktop_(desktop), keyboard_(keyboard), pointer_(pointer) {}
  ~StackInput() { release_all(); }
  StackInput(const StackInput&) = delete;
  StackInput& operator=(const StackInput&) = delete;

  using Event = std::variant<Keyboard, KeyEvent, UnicodeEvent, SynchronizeEvent, MouseEvent>;
  // kMalformed: nothing that our stack sends.
  Result<> take(const Event& event);
  /// Some of it waits: go_on() is wanted after kWait.
  bool waiting() const { return !waiting_.empty(); }
  Result<> go_on();
  static constexpr std::chrono::milliseconds kWait{20};

  /// The lock lights as this client should show them: those that the keymap does not have stay as it said.
  std::uint32_t locks();

 private:
  /// False: this cannot be done yet.
  Result<bool> handle(const Keyboard& keyboard);
  Result<bool> handle(const KeyEvent& key);
  Result<bool> handle(const UnicodeEvent& character);
  Result<bool> handle(const SynchronizeEvent& synchronize);
  Result<bool> handle(const MouseEvent& mouse);
  std::vector<char32_t> upcoming() const;
  void release_all();
  void forget_lifted_keys();
  int notches(int& rest, int units);

  X11Desktop& desktop_;
  X11Keyboard& keyboard_;
  X11Pointer& pointer_;
  ScancodeReader scancodes_;
  std::deque<Event> waiting_;
  std::bitset<256> keys_;
  unsigned times_lifted_ = 0;
  std::bitset<X11Pointer::kButtons + 1> buttons_;
  std::uint32_t client_locks_ = 0;
  int wheel_vertical_ = 0, wheel_horizontal_ = 0;  // turned, but not yet a notch
};

}  // namespace ts::display
