// What one stack's client does with keyboard and mouse, brought into the display server. Remembers what this
// client holds down, so that all of it goes up when the client leaves.
#pragma once

#include <bitset>

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

  // kMalformed: nothing that our stack sends; nothing was done.
  Result<> handle(const Keyboard& keyboard);
  Result<> handle(const KeyEvent& key);
  Result<> handle(const UnicodeEvent& character);
  Result<> handle(const SynchronizeEvent& synchronize);
  Result<> handle(const MouseEvent& mouse);

  /// The lock lights as this client should show them: those that the keymap does not have stay as it said.
  std::uint32_t locks();

 private:
  void release_all();
  int notches(int& rest, int units);

  X11Desktop& desktop_;
  X11Keyboard& keyboard_;
  X11Pointer& pointer_;
  ScancodeReader scancodes_;
  std::bitset<256> keys_;
  std::bitset<X11Pointer::kButtons + 1> buttons_;
  std::uint32_t client_locks_ = 0;
  int wheel_vertical_ = 0, wheel_horizontal_ = 0;  // turned, but not yet a notch
};

}  // namespace ts::display
