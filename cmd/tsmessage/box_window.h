// The window of a message box. It is above all others, comes back there when something covers it, and takes
// nothing from the program beneath: the keyboard is its only after a click into it, and goes back where it
// was when the box has gone. Sessions need no window manager for it. Requests wait until flush().
#pragma once

#include <cairo.h>

#include <functional>
#include <string>

#include "lib/display/x11_connection.h"
#include "lib/net/loop.h"
#include "lib/ui/scene.h"

namespace ts::message {

class BoxWindow {
 public:
  struct Handlers {
    std::function<void()> on_screen_size;
    std::function<void(const ui::Box&)> on_exposed;
    /// Only while the keyboard is ours.
    std::function<void(std::uint32_t keysym, bool shift)> on_key;
    /// Button 1 down and up, and the wheel (4 up, 5 down).
    std::function<void(int button, bool down, int x, int y)> on_button;
  };

  /// `connection` stays the caller's. Not shown yet.
  BoxWindow(net::Loop& loop, display::X11Connection& connection, Handlers handlers);

  /// On the screen, of this size: in the middle, but not under the pointer if there is room beside it.
  /// `anew`: another message than before, which may choose its place.
  void show(int width, int height, bool anew);
  void hide();
  void put(cairo_surface_t* picture, int x, int y);
  void take_keyboard();
  /// Everything asked for so far has been done.
  void wait();
  void handle_event(const xcb_generic_event_t& event);

  bool has_keyboard() const { return has_keyboard_; }
  int screen_width() const { return screen_.width; }
  int screen_height() const { return screen_.height; }

 private:
  ui::Box place(int width, int height) const;
  void move_to(const ui::Box& box);
  void hold_keyboard();
  void give_keyboard_back();
  void raise();
  void key(const xcb_key_press_event_t& event);

  display::X11Connection& connection_;
  Handlers handlers_;
  net::Timer raise_again_;
  bool raised_lately_ = false, covered_ = false;
  xcb_window_t window_ = 0;
  xcb_gcontext_t context_ = 0;
  std::uint8_t depth_ = 24;
  ui::Box screen_, box_;
  bool shown_ = false, has_keyboard_ = false;
  std::uint32_t keyboard_was_ = XCB_INPUT_FOCUS_POINTER_ROOT;  // where it was when we took it
  xcb_window_t held_ = XCB_NONE;  // what we gave it to so that it does not follow the pointer into the box
};

}  // namespace ts::message
