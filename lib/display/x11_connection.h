// tsdisplay's connection to the X server, with the extensions it needs. Calls that wait for a reply block:
// the server is on this host and we serve nobody else meanwhile; a client that grabs the server does not hold
// us up.
//
// INVARIANT: a reply that was waited for may leave events in xcb's queue, which no descriptor tells: whoever
// waited looks with next_event() before going to sleep.
#pragma once

#include <xcb/xcb.h>

#include <cstdint>
#include <cstdlib>
#include <memory>

#include "lib/base/result.h"
#include "lib/display/server.h"

namespace ts::display {

struct FreeReply {
  void operator()(void* reply) const { std::free(reply); }
};
template <typename T>
using XReply = std::unique_ptr<T, FreeReply>;

class X11Connection {
 public:
  static Result<std::unique_ptr<X11Connection>> open(int display, const Cookie& cookie);
  ~X11Connection() { xcb_disconnect(xcb_); }
  X11Connection(const X11Connection&) = delete;
  X11Connection& operator=(const X11Connection&) = delete;

  xcb_connection_t* xcb() const { return xcb_; }
  xcb_window_t root() const { return root_; }
  /// The first event of each extension.
  std::uint8_t damage_event() const { return damage_event_; }
  std::uint8_t xfixes_event() const { return xfixes_event_; }
  std::uint8_t randr_event() const { return randr_event_; }
  std::uint8_t xkb_event() const { return xkb_event_; }

  int fd() const { return xcb_get_file_descriptor(xcb_); }
  bool broken() const { return xcb_connection_has_error(xcb_) != 0; }
  XReply<xcb_generic_event_t> next_event() { return XReply<xcb_generic_event_t>(xcb_poll_for_event(xcb_)); }
  void flush() { xcb_flush(xcb_); }
  /// Waits until the server has done everything asked for so far; false: it is gone.
  bool wait();

 private:
  explicit X11Connection(xcb_connection_t* xcb) : xcb_(xcb) {}
  Result<> set_up();
  Result<std::uint8_t> first_event(xcb_extension_t* extension, const char* name);

  xcb_connection_t* xcb_;
  xcb_window_t root_ = 0;
  std::uint8_t damage_event_ = 0, xfixes_event_ = 0, randr_event_ = 0, xkb_event_ = 0;
};

}  // namespace ts::display
