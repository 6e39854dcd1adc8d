#include "cmd/tslogon/window.h"

#include <algorithm>
#include <string_view>

#include "lib/ui/painter.h"
#include "lib/ui/x11_picture.h"

namespace ts::logon {
namespace {

using display::XReply;

constexpr std::uint16_t kLargerThanAnyScreen = 16384;
// Panels, trays and toolkits map tiny windows that show nothing.
constexpr int kVisibleSize = 32;

}  // namespace

Window::Window(display::X11Connection& connection, Handlers handlers)
    : connection_(connection), handlers_(std::move(handlers)) {
  xcb_connection_t* xcb = connection_.xcb();
  const xcb_screen_t& screen = *xcb_setup_roots_iterator(xcb_get_setup(xcb)).data;
  depth_ = screen.root_depth;
  // The desktop that follows starts on the same colour, so that nothing flashes when we go.
  const std::uint32_t background = rgb(Colour::kBackground);
  const std::uint32_t root_values[] = {background, XCB_EVENT_MASK_STRUCTURE_NOTIFY |
                                                       XCB_EVENT_MASK_SUBSTRUCTURE_NOTIFY |
                                                       XCB_EVENT_MASK_PROPERTY_CHANGE};
  xcb_change_window_attributes(xcb, screen.root, XCB_CW_BACK_PIXEL | XCB_CW_EVENT_MASK, root_values);
  window_ = xcb_generate_id(xcb);
  const std::uint32_t values[] = {background, 1,
                                  XCB_EVENT_MASK_EXPOSURE | XCB_EVENT_MASK_KEY_PRESS |
                                      XCB_EVENT_MASK_BUTTON_PRESS | XCB_EVENT_MASK_BUTTON_RELEASE};
  xcb_create_window(xcb, XCB_COPY_FROM_PARENT, window_, screen.root, 0, 0, kLargerThanAnyScreen,
                    kLargerThanAnyScreen, 0, XCB_WINDOW_CLASS_INPUT_OUTPUT, XCB_COPY_FROM_PARENT,
                    XCB_CW_BACK_PIXEL | XCB_CW_OVERRIDE_REDIRECT | XCB_CW_EVENT_MASK, values);
  context_ = xcb_generate_id(xcb);
  xcb_create_gc(xcb, context_, window_, 0, nullptr);
  constexpr std::string_view kTitle = "Log on";
  xcb_change_property(xcb, XCB_PROP_MODE_REPLACE, window_, XCB_ATOM_WM_NAME, XCB_ATOM_STRING, 8,
                      kTitle.size(), kTitle.data());
  set_left_pointer(connection_, window_);
  names_atom_ = atom(connection_, "_XKB_RULES_NAMES");
  background_atom_ = atom(connection_, "_XROOTPMAP_ID");
  XReply<xcb_get_geometry_reply_t> size(
      xcb_get_geometry_reply(xcb, xcb_get_geometry(xcb, screen.root), nullptr));
  width_ = size ? size->width : screen.width_in_pixels;
  height_ = size ? size->height : screen.height_in_pixels;
}

void Window::open() {
  xcb_connection_t* xcb = connection_.xcb();
  xcb_map_window(xcb, window_);
  xcb_set_input_focus(xcb, XCB_INPUT_FOCUS_POINTER_ROOT, window_, XCB_CURRENT_TIME);
  connection_.flush();
}

void Window::let_go() {
  xcb_set_input_focus(connection_.xcb(), XCB_INPUT_FOCUS_NONE, XCB_INPUT_FOCUS_POINTER_ROOT,
                      XCB_CURRENT_TIME);
}

void Window::put(cairo_surface_t* picture, int x, int y) {
  put_picture(connection_, window_, context_, depth_, picture, x, y);
}

void Window::put_plain_words(std::string_view text, int x, int y) {
  xcb_connection_t* xcb = connection_.xcb();
  constexpr std::string_view kFont = "fixed";
  const xcb_font_t font = xcb_generate_id(xcb);
  xcb_open_font(xcb, font, kFont.size(), kFont.data());
  const xcb_gcontext_t context = xcb_generate_id(xcb);
  const std::uint32_t values[] = {rgb(Colour::kOnAccent), rgb(Colour::kBackground), font};
  xcb_create_gc(xcb, context, window_, XCB_GC_FOREGROUND | XCB_GC_BACKGROUND | XCB_GC_FONT, values);
  text = text.substr(0, 255);
  xcb_image_text_8(xcb, static_cast<std::uint8_t>(text.size()), window_, context,
                   static_cast<std::int16_t>(x), static_cast<std::int16_t>(y), text.data());
  xcb_free_gc(xcb, context);
  xcb_close_font(xcb, font);
}

void Window::wait() {
  (void)connection_.wait();
}

void Window::map_seen(const xcb_map_notify_event_t& event) {
  if (event.window == window_) return;
  xcb_connection_t* xcb = connection_.xcb();
  XReply<xcb_get_geometry_reply_t> box(
      xcb_get_geometry_reply(xcb, xcb_get_geometry(xcb, event.window), nullptr));
  if (!box || box->depth == 0) return;  // gone already, or nothing that is seen
  const Box screen{0, 0, width_, height_};
  const Box seen = screen.intersected({box->x, box->y, box->width, box->height});
  if (seen.width < kVisibleSize && seen.height < kVisibleSize) return;
  desktop_is_there_ = true;
  handlers_.on_desktop();
}

void Window::handle_event(const xcb_generic_event_t& event) {
  switch (event.response_type & 0x7f) {
    case XCB_EXPOSE: {
      const auto& exposed = reinterpret_cast<const xcb_expose_event_t&>(event);
      return handlers_.on_exposed({exposed.x, exposed.y, exposed.width, exposed.height});
    }
    case XCB_KEY_PRESS:
      return handlers_.on_key(reinterpret_cast<const xcb_key_press_event_t&>(event));
    case XCB_BUTTON_PRESS:
    case XCB_BUTTON_RELEASE: {
      const auto& button = reinterpret_cast<const xcb_button_press_event_t&>(event);
      return handlers_.on_button(button.detail, (event.response_type & 0x7f) == XCB_BUTTON_PRESS,
                                 button.event_x, button.event_y);
    }
    case XCB_CONFIGURE_NOTIFY: {
      const auto& size = reinterpret_cast<const xcb_configure_notify_event_t&>(event);
      if (size.window != connection_.root() || (size.width == width_ && size.height == height_)) return;
      width_ = size.width;
      height_ = size.height;
      return handlers_.on_size(width_, height_);
    }
    case XCB_MAP_NOTIFY:
      return map_seen(reinterpret_cast<const xcb_map_notify_event_t&>(event));
    case XCB_PROPERTY_NOTIFY: {
      const auto& property = reinterpret_cast<const xcb_property_notify_event_t&>(event);
      if (property.atom == names_atom_) return handlers_.on_keyboard_renamed();
      if (property.atom != background_atom_ || property.state != XCB_PROPERTY_NEW_VALUE) return;
      desktop_is_there_ = true;
      return handlers_.on_desktop();
    }
    default:
      return;
  }
}

std::vector<std::string> Window::keyboard_names() {
  constexpr std::uint32_t kMostWords = 64;
  xcb_connection_t* xcb = connection_.xcb();
  XReply<xcb_get_property_reply_t> reply(xcb_get_property_reply(
      xcb, xcb_get_property(xcb, 0, connection_.root(), names_atom_, XCB_ATOM_STRING, 0, kMostWords),
      nullptr));
  std::vector<std::string> out;
  if (!reply) return out;
  std::string_view rest(static_cast<const char*>(xcb_get_property_value(reply.get())),
                        static_cast<std::size_t>(xcb_get_property_value_length(reply.get())));
  while (!rest.empty()) {
    const auto end = rest.find('\0');
    out.emplace_back(rest.substr(0, end));
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  }
  return out;
}

}  // namespace ts::logon
