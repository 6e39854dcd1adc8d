// What is to be seen of an X server: damage, the pointer's shape and place, the size. Owns no descriptor but
// the connection it borrows. The server collects damage until take_damage() asks, so nothing wakes us for a
// client that is not ready for more.
#pragma once

#include <xcb/damage.h>
#include <xcb/randr.h>
#include <xcb/xfixes.h>

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "lib/display/framebuffer.h"
#include "lib/display/region.h"
#include "lib/display/snapshot.h"
#include "lib/display/x11_connection.h"

namespace ts::display {

struct Point {
  std::int16_t x = 0, y = 0;
  friend bool operator==(const Point&, const Point&) = default;
};

/// The pointer's shape; 0 x 0: hidden.
struct Cursor {
  std::uint32_t serial = 0;
  std::uint16_t width = 0, height = 0;
  std::uint16_t hot_x = 0, hot_y = 0;
  std::vector<std::uint32_t> pixels;  // premultiplied A R G B in host order
};

class X11Desktop {
 public:
  /// `framebuffer` is borrowed: pages outside the desktop are given back after each resize.
  static Result<std::unique_ptr<X11Desktop>> open(X11Connection& connection, int framebuffer);

  /// True if the event was one of ours; the queries below then tell what it changed.
  bool handle_event(const xcb_generic_event_t& event);

  const FramebufferLayout& layout() const { return layout_; }
  Size size() const { return size_; }
  /// To the nearest size there can be. Windows stay, and the server has them drawn again.
  Result<> resize(Size size);

  bool damaged() const { return damaged_; }
  /// All that was drawn since the last call, and where the pointer is meanwhile.
  Region take_damage();
  /// A copy of what is there at this moment: the server draws nothing meanwhile.
  Result<Snapshot> take_picture();

  const Cursor& cursor() const { return cursor_; }
  Point pointer() const { return pointer_; }
  void set_pointer(Point pointer) { pointer_ = pointer; }

 private:
  X11Desktop(X11Connection& connection, int framebuffer)
      : connection_(connection), framebuffer_(framebuffer) {}
  Result<> set_up();
  void read_cursor();
  Size read_size();
  void touch(Size size);
  Result<xcb_randr_mode_t> mode_for(Size size,
                                    const xcb_randr_get_screen_resources_current_reply_t& resources);
  Result<> apply_size(Size size);
  void forget_modes(xcb_randr_output_t output, xcb_randr_mode_t but);

  X11Connection& connection_;
  int framebuffer_;
  FramebufferLayout layout_;
  Size size_;
  Size touched_;  // has been, since what is outside was given back
  Point pointer_;
  Cursor cursor_;
  bool damaged_ = false;
  xcb_damage_damage_t damage_ = 0;
  xcb_xfixes_region_t parts_ = 0;
  std::vector<xcb_randr_mode_t> own_modes_;
};

}  // namespace ts::display
