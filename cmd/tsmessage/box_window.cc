#include "cmd/tsmessage/box_window.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "lib/ui/painter.h"
#include "lib/ui/x11_picture.h"

namespace ts::message {
namespace {

using display::XReply;
using ui::Box;

/// How often it comes back above what covers it: another window may want the same.
constexpr std::chrono::milliseconds kRaisePause{250};
/// Between the box and the pointer that it keeps clear of.
constexpr int kClear = 24;

xcb_window_t focus_of(xcb_connection_t* xcb) {
  XReply<xcb_get_input_focus_reply_t> reply(
      xcb_get_input_focus_reply(xcb, xcb_get_input_focus(xcb), nullptr));
  return reply ? reply->focus : static_cast<xcb_window_t>(XCB_INPUT_FOCUS_POINTER_ROOT);
}

XReply<xcb_query_pointer_reply_t> pointer_of(xcb_connection_t* xcb, xcb_window_t root) {
  return XReply<xcb_query_pointer_reply_t>(
      xcb_query_pointer_reply(xcb, xcb_query_pointer(xcb, root), nullptr));
}

}  // namespace

BoxWindow::BoxWindow(net::Loop& loop, display::X11Connection& connection, Handlers handlers)
    : connection_(connection), handlers_(std::move(handlers)), raise_again_(loop, [this] {
        raised_lately_ = false;
        if (covered_) raise();
        connection_.flush();
      }) {
  xcb_connection_t* xcb = connection_.xcb();
  const xcb_screen_t& screen = *xcb_setup_roots_iterator(xcb_get_setup(xcb)).data;
  depth_ = screen.root_depth;
  const std::uint32_t root_events = XCB_EVENT_MASK_STRUCTURE_NOTIFY;
  xcb_change_window_attributes(xcb, screen.root, XCB_CW_EVENT_MASK, &root_events);
  window_ = xcb_generate_id(xcb);
  const std::uint32_t values[] = {ui::rgb(ui::Colour::kCard), 1,
                                  XCB_EVENT_MASK_EXPOSURE | XCB_EVENT_MASK_KEY_PRESS |
                                      XCB_EVENT_MASK_BUTTON_PRESS | XCB_EVENT_MASK_BUTTON_RELEASE |
                                      XCB_EVENT_MASK_VISIBILITY_CHANGE | XCB_EVENT_MASK_FOCUS_CHANGE};
  xcb_create_window(xcb, XCB_COPY_FROM_PARENT, window_, screen.root, 0, 0, 1, 1, 0,
                    XCB_WINDOW_CLASS_INPUT_OUTPUT, XCB_COPY_FROM_PARENT,
                    XCB_CW_BACK_PIXEL | XCB_CW_OVERRIDE_REDIRECT | XCB_CW_EVENT_MASK, values);
  context_ = xcb_generate_id(xcb);
  xcb_create_gc(xcb, context_, window_, 0, nullptr);
  constexpr std::string_view kTitle = "Message";
  xcb_change_property(xcb, XCB_PROP_MODE_REPLACE, window_, XCB_ATOM_WM_NAME, XCB_ATOM_STRING, 8,
                      kTitle.size(), kTitle.data());
  ui::set_left_pointer(connection_, window_);
  XReply<xcb_get_geometry_reply_t> size(
      xcb_get_geometry_reply(xcb, xcb_get_geometry(xcb, screen.root), nullptr));
  screen_ = {0, 0, size ? size->width : screen.width_in_pixels,
             size ? size->height : screen.height_in_pixels};
}

Box BoxWindow::place(int width, int height) const {
  constexpr double kAboveMiddle = 0.46;
  const Box middle{(screen_.width - width) / 2, static_cast<int>((screen_.height - height) * kAboveMiddle),
                   width, height};
  auto pointer = pointer_of(connection_.xcb(), connection_.root());
  if (!pointer) return middle;
  const int x = pointer->root_x, y = pointer->root_y;
  const Box around{middle.x - kClear, middle.y - kClear, width + 2 * kClear, height + 2 * kClear};
  if (!around.contains(x, y)) return middle;
  // Whoever is about to click there means what is beneath. To the nearest side that has room.
  std::array<Box, 4> sides{middle, middle, middle, middle};
  sides[0].y = y + kClear;
  sides[1].y = y - kClear - height;
  sides[2].x = x + kClear;
  sides[3].x = x - kClear - width;
  std::ranges::sort(sides, {},
                    [&](const Box& box) { return std::abs(box.x - middle.x) + std::abs(box.y - middle.y); });
  for (const Box& box : sides)
    if (box.intersected(screen_) == box) return box;
  return middle;
}

void BoxWindow::move_to(const Box& box) {
  box_ = box;
  const std::uint32_t values[] = {static_cast<std::uint32_t>(box.x), static_cast<std::uint32_t>(box.y),
                                  static_cast<std::uint32_t>(box.width),
                                  static_cast<std::uint32_t>(box.height), XCB_STACK_MODE_ABOVE};
  xcb_configure_window(connection_.xcb(), window_,
                       XCB_CONFIG_WINDOW_X | XCB_CONFIG_WINDOW_Y | XCB_CONFIG_WINDOW_WIDTH |
                           XCB_CONFIG_WINDOW_HEIGHT | XCB_CONFIG_WINDOW_STACK_MODE,
                       values);
}

void BoxWindow::show(int width, int height, bool anew) {
  const bool same_size = box_.width == width && box_.height == height;
  const bool inside = box_.intersected(screen_) == box_;
  if (!shown_ || anew || !same_size || !inside) move_to(place(width, height));
  if (std::exchange(shown_, true)) return;
  hold_keyboard();
  xcb_map_window(connection_.xcb(), window_);
}

void BoxWindow::hide() {
  if (!std::exchange(shown_, false)) return;
  give_keyboard_back();
  xcb_unmap_window(connection_.xcb(), window_);
}

/// Without a window manager the keyboard is the window's under the pointer, which is the box if it opens
/// there: it stays with the window that has it now.
void BoxWindow::hold_keyboard() {
  xcb_connection_t* xcb = connection_.xcb();
  held_ = XCB_NONE;
  if (focus_of(xcb) != XCB_INPUT_FOCUS_POINTER_ROOT) return;
  auto pointer = pointer_of(xcb, connection_.root());
  if (!pointer || pointer->child == XCB_NONE) return;
  held_ = pointer->child;
  xcb_set_input_focus(xcb, XCB_INPUT_FOCUS_POINTER_ROOT, held_, XCB_CURRENT_TIME);
}

void BoxWindow::take_keyboard() {
  if (has_keyboard_ || !shown_) return;
  xcb_connection_t* xcb = connection_.xcb();
  keyboard_was_ = focus_of(xcb);
  xcb_set_input_focus(xcb, XCB_INPUT_FOCUS_POINTER_ROOT, window_, XCB_CURRENT_TIME);
}

void BoxWindow::give_keyboard_back() {
  xcb_connection_t* xcb = connection_.xcb();
  const xcb_window_t now = focus_of(xcb);
  const xcb_window_t before = now == window_ ? keyboard_was_ : now;
  has_keyboard_ = false;
  // What has closed meanwhile is an error that nobody has to hear of.
  if (held_ != XCB_NONE && before == held_)
    xcb_set_input_focus(xcb, XCB_INPUT_FOCUS_POINTER_ROOT, XCB_INPUT_FOCUS_POINTER_ROOT, XCB_CURRENT_TIME);
  else if (now == window_)
    xcb_set_input_focus(xcb, XCB_INPUT_FOCUS_POINTER_ROOT, before, XCB_CURRENT_TIME);
}

void BoxWindow::raise() {
  if (std::exchange(raised_lately_, true)) return;
  const std::uint32_t above = XCB_STACK_MODE_ABOVE;
  xcb_configure_window(connection_.xcb(), window_, XCB_CONFIG_WINDOW_STACK_MODE, &above);
  raise_again_.start(kRaisePause);
}

void BoxWindow::put(cairo_surface_t* picture, int x, int y) {
  ui::put_picture(connection_, window_, context_, depth_, picture, x, y);
}

void BoxWindow::wait() {
  (void)focus_of(connection_.xcb());
}

void BoxWindow::key(const xcb_key_press_event_t& event) {
  if (!has_keyboard_) return;
  xcb_connection_t* xcb = connection_.xcb();
  XReply<xcb_get_keyboard_mapping_reply_t> map(
      xcb_get_keyboard_mapping_reply(xcb, xcb_get_keyboard_mapping(xcb, event.detail, 1), nullptr));
  if (!map || xcb_get_keyboard_mapping_keysyms_length(map.get()) < 1) return;
  handlers_.on_key(*xcb_get_keyboard_mapping_keysyms(map.get()), (event.state & XCB_MOD_MASK_SHIFT) != 0);
}

void BoxWindow::handle_event(const xcb_generic_event_t& event) {
  switch (event.response_type & 0x7f) {
    case XCB_EXPOSE: {
      const auto& exposed = reinterpret_cast<const xcb_expose_event_t&>(event);
      return handlers_.on_exposed({exposed.x, exposed.y, exposed.width, exposed.height});
    }
    case XCB_VISIBILITY_NOTIFY:
      covered_ =
          reinterpret_cast<const xcb_visibility_notify_event_t&>(event).state != XCB_VISIBILITY_UNOBSCURED;
      if (covered_ && shown_) raise();
      return;
    case XCB_FOCUS_IN:
    case XCB_FOCUS_OUT: {
      const auto& focus = reinterpret_cast<const xcb_focus_in_event_t&>(event);
      // With the pointer alone it does not come.
      if (focus.detail == XCB_NOTIFY_DETAIL_POINTER || focus.detail == XCB_NOTIFY_DETAIL_POINTER_ROOT) return;
      has_keyboard_ = shown_ && (event.response_type & 0x7f) == XCB_FOCUS_IN;
      return;
    }
    case XCB_KEY_PRESS:
      return key(reinterpret_cast<const xcb_key_press_event_t&>(event));
    case XCB_BUTTON_PRESS:
    case XCB_BUTTON_RELEASE: {
      const auto& button = reinterpret_cast<const xcb_button_press_event_t&>(event);
      return handlers_.on_button(button.detail, (event.response_type & 0x7f) == XCB_BUTTON_PRESS,
                                 button.event_x, button.event_y);
    }
    case XCB_CONFIGURE_NOTIFY: {
      const auto& size = reinterpret_cast<const xcb_configure_notify_event_t&>(event);
      if (size.window != connection_.root()) return;
      if (size.width == screen_.width && size.height == screen_.height) return;
      screen_ = {0, 0, size.width, size.height};
      return handlers_.on_screen_size();
    }
    default:
      return;
  }
}

}  // namespace ts::message
