// The logon screen's window: covers the whole screen, takes the keyboard, shows pictures that are handed to
// it. Also what it sees of the screen around it: the size, and whether a desktop has appeared.
//
// The window is larger than any screen and never changes: a resize of the screen moves nothing and clears
// nothing, the server paints what comes into sight in the background colour by itself. Requests wait until
// flush().
#pragma once

#include <cairo.h>

#include <functional>
#include <vector>

#include "cmd/tslogon/widgets.h"
#include "lib/display/x11_connection.h"
#include "lib/ui/scene.h"

namespace ts::logon {

class Window {
 public:
  struct Handlers {
    std::function<void(int width, int height)> on_size;
    std::function<void(const Box&)> on_exposed;
    std::function<void(const xcb_key_press_event_t&)> on_key;
    /// Button 1 down and up, and the wheel (4 up, 5 down).
    std::function<void(int button, bool down, int x, int y)> on_button;
    std::function<void()> on_desktop;           // somebody else's window or background is there
    std::function<void()> on_keyboard_renamed;  // the root window's _XKB_RULES_NAMES
  };

  /// `connection` stays the caller's.
  Window(display::X11Connection& connection, Handlers handlers);

  /// Maps the window and takes the keyboard.
  void open();
  void handle_event(const xcb_generic_event_t& event);
  /// Shows a picture of the kind the painter makes with its top left corner there.
  void put(cairo_surface_t* picture, int x, int y);
  /// Writes ASCII, of 255 letters at most, with the one font that an X server has of its own; (x, y) is where
  /// the first letter stands.
  void put_plain_words(std::string_view text, int x, int y);
  /// Gives the keyboard back to whatever is under the pointer.
  void let_go();
  /// Everything asked for so far has been done.
  void wait();

  int width() const { return width_; }
  int height() const { return height_; }
  bool desktop_is_there() const { return desktop_is_there_; }
  /// The NUL-separated strings of _XKB_RULES_NAMES, empty if it is not there: rules, model, layout, variant,
  /// options.
  std::vector<std::string> keyboard_names();

 private:
  void map_seen(const xcb_map_notify_event_t& event);

  display::X11Connection& connection_;
  Handlers handlers_;
  xcb_window_t window_ = 0;
  xcb_gcontext_t context_ = 0;
  xcb_atom_t names_atom_ = 0, background_atom_ = 0;
  std::uint8_t depth_ = 24;
  int width_ = 0, height_ = 0;
  bool desktop_is_there_ = false;
};

}  // namespace ts::logon
