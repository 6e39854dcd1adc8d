// A real Xvfb and a real tsdisplay, started as a session's host does it, a stack's end of a display socket,
// and an X program that draws and listens. Everything that waits ends after a deadline.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <xcb/xcb.h>
#include <xkbcommon/xkbcommon.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "lib/display/display_messages.h"
#include "lib/display/display_process.h"
#include "lib/display/framebuffer.h"
#include "lib/display/x11_connection.h"
#include "lib/display/x11_keymap.h"
#include "lib/display/xvfb.h"
#include "lib/net/packet_socket.h"

namespace ts::display::test {

constexpr std::chrono::seconds kDeadline{20};

/// The display uid as root, else nobody.
std::optional<os::Identity> display_identity();

class Waiter {
 public:
  Waiter() : timer_(loop, [this] { expired_ = true, loop.stop(); }) {}
  /// Runs the loop until `done`; every callback of a test calls loop.stop(). False when the deadline passed.
  bool until(const std::function<bool()>& done, std::chrono::milliseconds deadline = kDeadline);
  net::Loop loop;

 private:
  bool expired_ = false;
  net::Timer timer_;
};

class Folder {
 public:
  Folder();
  ~Folder();
  std::filesystem::path path;
};

/// The stack's end: keeps what came.
class TestStack {
 public:
  TestStack(Waiter& waiter, UniqueFd socket);

  template <typename T>
  void send(const T& message) {
    ASSERT_TRUE(socket_->send_message(message));
  }
  void send_bytes(ByteView bytes) { ASSERT_TRUE(socket_->send(bytes)); }
  void detach() { socket_.reset(); }

  /// The next message of a type, what comes before it is dropped (and counted in `dropped`).
  template <typename T>
  std::optional<T> next() {
    std::optional<T> out;
    dropped.clear();
    waiter_.until([&] {
      while (!out && !packets.empty()) {
        out = message_as<T>(packets.front());
        if (!out) dropped.push_back(message_type(packets.front()));
        packets.erase(packets.begin());
      }
      return out.has_value() || closed;
    });
    return out;
  }
  /// Pulls and waits for the answer.
  std::optional<Damage> pull() {
    send(Pull{});
    return next<Damage>();
  }
  /// Everything sent so far has been handled, and what came of it has arrived.
  void settle() {
    send(Resize{.width = size.width, .height = size.height});
    auto geometry = next<Geometry>();
    ASSERT_TRUE(geometry);
  }
  bool dropped_a(MessageType type) const {
    return std::find(dropped.begin(), dropped.end(), type) != dropped.end();
  }

  // Input, as a client makes it.
  void key(std::uint8_t code, bool down, std::uint8_t extended = 0) {
    send(KeyEvent{.code = code, .extended = extended, .down = down});
  }
  void tap(std::uint8_t code, std::uint8_t extended = 0) {
    key(code, true, extended);
    key(code, false, extended);
  }
  void type(char32_t character) {
    send(UnicodeEvent{.code_point = character, .down = 1});
    send(UnicodeEvent{.code_point = character, .down = 0});
  }

  Size size{1024, 768};
  std::vector<Bytes> packets;
  std::vector<MessageType> dropped;
  bool closed = false;

 private:
  Waiter& waiter_;
  std::unique_ptr<net::PacketSocket> socket_;
};

/// A program of the session.
class TestProgram {
 public:
  TestProgram(int display, const Cookie& cookie);

  xcb_connection_t* xcb() { return connection_->xcb(); }
  xcb_window_t root() { return connection_->root(); }
  /// A mapped window with the focus that hears of keys and buttons; returns once it is visible and focused.
  xcb_window_t open_window(Rect where);
  void fill(xcb_drawable_t on, Rect rect, std::uint32_t colour);
  /// All requests so far are done.
  void sync();
  /// The next event of a type; other kinds are dropped. nullptr at the deadline.
  XReply<xcb_generic_event_t> next_event(std::uint8_t type);
  /// What the next key press means under the keymap and state of that moment.
  std::string next_key();
  /// Key presses as keysym names up to and without that of F12.
  std::vector<std::string> keys_until_f12();

 private:
  std::unique_ptr<X11Connection> connection_;
};

/// The whole of a session's display.
class SessionDisplay {
 public:
  explicit SessionDisplay(Size max_size = {1600, 1200}, Size size = {1024, 768});
  ~SessionDisplay();

  std::unique_ptr<TestStack> attach();
  TestProgram program() { return TestProgram(ready.display, ready.cookie); }
  FramebufferView view();
  /// What tsdisplay answers.
  Result<Snapshot> take_picture(std::uint32_t request);
  void start_process();

  Waiter waiter;
  Folder folder;
  ServerReady ready;
  std::string server_end, process_end;
  std::unique_ptr<DisplayServer> server;
  std::unique_ptr<DisplayProcess> process;
  std::map<std::uint32_t, Result<Snapshot>> pictures;  // by request
  Size size;
};

}  // namespace ts::display::test
