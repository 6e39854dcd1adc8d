#include "lib/display/x11_pointer.h"

#include <xcb/xtest.h>

#include <algorithm>
#include <cstdlib>

namespace ts::display {

X11Pointer::X11Pointer(X11Connection& connection) : connection_(connection) {
  xcb_connection_t* xcb = connection_.xcb();
  XReply<xcb_query_pointer_reply_t> state(
      xcb_query_pointer_reply(xcb, xcb_query_pointer(xcb, connection_.root()), nullptr));
  for (std::uint8_t button = 1; state && button <= 5; ++button) {  // the state tells of five
    if (state->mask & (XCB_KEY_BUT_MASK_BUTTON_1 << (button - 1))) send(XCB_BUTTON_RELEASE, button);
  }
}

void X11Pointer::send(std::uint8_t type, std::uint8_t detail, Point at) {
  xcb_test_fake_input(connection_.xcb(), type, detail, XCB_CURRENT_TIME, connection_.root(), at.x, at.y, 0);
}

void X11Pointer::move(Point to) {
  send(XCB_MOTION_NOTIFY, 0, to);
}

void X11Pointer::press(std::uint8_t button) {
  if (holders_[button]++ == 0) send(XCB_BUTTON_PRESS, button);
}

void X11Pointer::release(std::uint8_t button) {
  if (holders_[button] > 0 && --holders_[button] == 0) send(XCB_BUTTON_RELEASE, button);
}

void X11Pointer::click(std::uint8_t button, int times) {
  for (int i = 0; i < times; ++i) {
    send(XCB_BUTTON_PRESS, button);
    send(XCB_BUTTON_RELEASE, button);
  }
}

void X11Pointer::turn_wheel(int vertical_notches, int horizontal_notches) {
  constexpr std::uint8_t kUp = 4, kDown = 5, kLeft = 6, kRight = 7;
  constexpr int kMost = 20;  // in one event; nobody turns faster
  click(vertical_notches > 0 ? kUp : kDown, std::min(std::abs(vertical_notches), kMost));
  click(horizontal_notches > 0 ? kRight : kLeft, std::min(std::abs(horizontal_notches), kMost));
}

}  // namespace ts::display
