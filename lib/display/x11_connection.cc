#include "lib/display/x11_connection.h"

#include <fmt/format.h>
#include <xcb/damage.h>
#include <xcb/randr.h>
#include <xcb/xfixes.h>
#include <xcb/xtest.h>
#include <xkbcommon/xkbcommon-x11.h>

#include <string>

namespace ts::display {

Result<std::unique_ptr<X11Connection>> X11Connection::open(int display, const Cookie& cookie) {
  std::string protocol = "MIT-MAGIC-COOKIE-1";
  Cookie data = cookie;
  xcb_auth_info_t auth{static_cast<int>(protocol.size()), protocol.data(), static_cast<int>(data.size()),
                       reinterpret_cast<char*>(data.data())};
  std::string name = fmt::format(":{}", display);
  std::unique_ptr<X11Connection> out(
      new X11Connection(xcb_connect_to_display_with_auth_info(name.c_str(), &auth, nullptr)));
  if (out->broken()) {
    return fail(ErrorCode::kUnavailable, "no connection to the display server {} (xcb error {})", name,
                xcb_connection_has_error(out->xcb_));
  }
  TS_TRY(out->set_up());
  return out;
}

Result<std::uint8_t> X11Connection::first_event(xcb_extension_t* extension, const char* name) {
  const xcb_query_extension_reply_t* data = xcb_get_extension_data(xcb_, extension);
  if (data == nullptr || !data->present) {
    return fail(ErrorCode::kUnavailable, "the display server has no extension '{}'", name);
  }
  return data->first_event;
}

Result<> X11Connection::set_up() {
  root_ = xcb_setup_roots_iterator(xcb_get_setup(xcb_)).data->root;
  TS_TRY_ASSIGN(damage_event_, first_event(&xcb_damage_id, "DAMAGE"));
  TS_TRY_ASSIGN(xfixes_event_, first_event(&xcb_xfixes_id, "XFIXES"));
  TS_TRY_ASSIGN(randr_event_, first_event(&xcb_randr_id, "RANDR"));
  TS_TRY(first_event(&xcb_test_id, "XTEST"));
  // Each extension serves a client only after it has told its version.
  XReply<void> damage(xcb_damage_query_version_reply(xcb_, xcb_damage_query_version(xcb_, 1, 1), nullptr));
  XReply<void> xfixes(xcb_xfixes_query_version_reply(xcb_, xcb_xfixes_query_version(xcb_, 5, 0), nullptr));
  XReply<void> randr(xcb_randr_query_version_reply(xcb_, xcb_randr_query_version(xcb_, 1, 5), nullptr));
  XReply<void> test(xcb_test_get_version_reply(xcb_, xcb_test_get_version(xcb_, 2, 2), nullptr));
  if (!damage || !xfixes || !randr || !test ||
      !xkb_x11_setup_xkb_extension(xcb_, XKB_X11_MIN_MAJOR_XKB_VERSION, XKB_X11_MIN_MINOR_XKB_VERSION,
                                   XKB_X11_SETUP_XKB_EXTENSION_NO_FLAGS, nullptr, nullptr, &xkb_event_,
                                   nullptr)) {
    return fail(ErrorCode::kUnavailable, "the display server refused an extension");
  }
  // A program that grabs the server (xcb_grab_server) must not stop pictures and input.
  xcb_test_grab_control(xcb_, 1);
  return {};
}

bool X11Connection::wait() {
  auto asked = xcb_get_input_focus(xcb_);
  XReply<xcb_get_input_focus_reply_t> reply(xcb_get_input_focus_reply(xcb_, asked, nullptr));
  return reply != nullptr;
}

}  // namespace ts::display
