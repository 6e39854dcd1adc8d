// Screen: one connection to an X server, and the few drawing calls that the benchmark's programs share.
// Everything blocks. A failure is told on standard error and ends the program: its caller then reports that
// the measure could not be taken. Colours are 0xRRGGBB: only true-colour screens of depth 24 are served.
#pragma once

#include <xcb/xcb.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string_view>
#include <thread>

namespace ts::bench {

[[noreturn]] inline void fail(std::string_view what) {
  std::fprintf(stderr, "%.*s\n", static_cast<int>(what.size()), what.data());
  std::exit(1);
}

struct Free {
  void operator()(void* memory) const { std::free(memory); }
};
template <typename T>
using Reply = std::unique_ptr<T, Free>;

struct Box {
  int x = 0, y = 0, width = 0, height = 0;
};

class Screen {
 public:
  Screen() : connection_(xcb_connect(nullptr, nullptr)) {
    if (xcb_connection_has_error(connection_)) fail("cannot connect to the X server of DISPLAY");
    screen_ = xcb_setup_roots_iterator(xcb_get_setup(connection_)).data;
    if (screen_->root_depth != 24) fail("the X server's depth is not 24");
  }
  ~Screen() { xcb_disconnect(connection_); }
  Screen(const Screen&) = delete;
  Screen& operator=(const Screen&) = delete;

  xcb_connection_t* connection() const { return connection_; }
  xcb_window_t root() const { return screen_->root; }

  // A window that no window manager touches, on top of all others.
  xcb_window_t window(Box box, std::uint32_t colour, std::uint32_t events = 0) const {
    const xcb_window_t id = xcb_generate_id(connection_);
    const std::uint32_t values[] = {colour, 1, events};
    xcb_create_window(connection_, XCB_COPY_FROM_PARENT, id, root(), static_cast<std::int16_t>(box.x),
                      static_cast<std::int16_t>(box.y), static_cast<std::uint16_t>(box.width),
                      static_cast<std::uint16_t>(box.height), 0, XCB_WINDOW_CLASS_INPUT_OUTPUT,
                      XCB_COPY_FROM_PARENT, XCB_CW_BACK_PIXEL | XCB_CW_OVERRIDE_REDIRECT | XCB_CW_EVENT_MASK,
                      values);
    xcb_map_window(connection_, id);
    return id;
  }

  xcb_gcontext_t gc(xcb_drawable_t drawable, std::uint32_t foreground, std::uint32_t background = 0) const {
    const xcb_gcontext_t id = xcb_generate_id(connection_);
    // Without exposure events, which nobody would read.
    const std::uint32_t values[] = {foreground, background, 0};
    xcb_create_gc(connection_, id, drawable,
                  XCB_GC_FOREGROUND | XCB_GC_BACKGROUND | XCB_GC_GRAPHICS_EXPOSURES, values);
    return id;
  }

  void fill(xcb_drawable_t drawable, xcb_gcontext_t gc, Box box, std::uint32_t colour) const {
    xcb_change_gc(connection_, gc, XCB_GC_FOREGROUND, &colour);
    const xcb_rectangle_t rectangle = {static_cast<std::int16_t>(box.x), static_cast<std::int16_t>(box.y),
                                       static_cast<std::uint16_t>(box.width),
                                       static_cast<std::uint16_t>(box.height)};
    xcb_poly_fill_rectangle(connection_, drawable, gc, 1, &rectangle);
  }

  // Returns when the server has done all that was asked of it.
  void sync() const {
    Reply<xcb_get_input_focus_reply_t> reply(
        xcb_get_input_focus_reply(connection_, xcb_get_input_focus(connection_), nullptr));
    if (!reply) fail("the X server is gone");
  }

 private:
  xcb_connection_t* connection_;
  xcb_screen_t* screen_ = nullptr;
};

// Where load.cc tells which picture is on the screen, so that who looks at one pixel can count those that
// arrive.
inline constexpr Box kTag = {1264, 704, 16, 16};

inline constexpr std::uint32_t tag_colour(unsigned picture) {
  constexpr std::uint32_t kColours[] = {0x000000, 0x0000ff, 0x00ff00, 0x00ffff, 0xff0000, 0xff00ff, 0xffff00};
  return kColours[picture % (sizeof kColours / sizeof *kColours)];
}

}  // namespace ts::bench
