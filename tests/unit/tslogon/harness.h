// A session without its host: a real Xvfb, a real tslogon, and the test in the host's place at the other end
// of the logon socket. Also a person: types by XTest, clicks, sees pixels. Everything that waits ends after a
// deadline.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cmd/tslogon/widgets.h"
#include "lib/display/child.h"
#include "lib/display/display_messages.h"
#include "lib/display/x11_connection.h"
#include "lib/display/xvfb.h"
#include "lib/net/packet_socket.h"
#include "lib/session/logon_messages.h"
#include "lib/session/stack_messages.h"
#include "lib/ui/scene.h"

namespace ts::logon::test {

constexpr std::chrono::seconds kDeadline{20};

struct Pixels {
  int width = 0, height = 0;
  std::vector<std::uint32_t> values;  // 0xRRGGBB

  std::uint32_t at(int x, int y) const { return values[static_cast<std::size_t>(y) * width + x]; }
  std::size_t count(std::uint32_t colour) const;
  /// The smallest box around all that is not of this colour.
  Box box_without(std::uint32_t colour) const;
  friend bool operator==(const Pixels&, const Pixels&) = default;
};

struct Options {
  std::vector<std::string> arguments;    // of tslogon
  std::vector<std::string> environment;  // "NAME=value"
  display::Size size{1024, 768};
};

class LogonSession {
 public:
  explicit LogonSession(const Options& options = {});
  ~LogonSession();

  // As the host.
  template <typename T>
  void send(const T& message) {
    ASSERT_TRUE(socket_->send_message(message));
  }
  /// Sends it and waits until the picture has changed for it.
  template <typename T>
  Pixels shown(const T& message) {
    const Pixels before = look();
    send(message);
    EXPECT_TRUE(see([&](const Pixels& now) { return now != before; }));
    return settled();
  }
  void send_bytes(ByteView bytes) { ASSERT_TRUE(socket_->send(bytes)); }
  void hang_up() { socket_.reset(); }
  /// The next message of this type; what comes before it is dropped.
  template <typename T>
  std::optional<T> next() {
    std::optional<T> out;
    until([&] {
      while (!out && !packets_.empty()) {
        out = message_as<T>(packets_.front());
        packets_.erase(packets_.begin());
      }
      return out.has_value() || !end_.empty();
    });
    return out;
  }
  /// How tslogon ended; empty at the deadline.
  std::string end();
  bool running() const { return end_.empty(); }
  pid_t pid() const { return child_->pid(); }
  std::string log() const;

  // As the person.
  void type(const std::string& utf8);
  void tap(std::uint32_t keysym, std::uint32_t with = 0);
  void click(int x, int y);
  void wheel(bool up, int x, int y);
  void resize(display::Size size);
  Pixels look();
  /// Looks until the picture is like that; false at the deadline.
  bool see(const std::function<bool(const Pixels&)>& expected);
  /// Everything typed so far has been shown: the picture does not change any more for a while of round trips.
  Pixels settled();

  // As a program of the session.
  display::X11Connection& program() { return *person_; }
  xcb_window_t map_window(Box box);
  std::string keyboard();

  bool until(const std::function<bool()>& done, std::chrono::milliseconds deadline = kDeadline);

  net::Loop loop;
  display::ServerReady server_ready;

 private:
  void start_server(display::Size size);
  void start_program(const Options& options);
  void fake(std::uint8_t type, std::uint8_t detail, int x = 0, int y = 0);
  void sync();

  net::Timer timer_;
  bool expired_ = false;
  std::filesystem::path folder_;
  std::string server_end_, end_;
  std::vector<Bytes> packets_;
  std::unique_ptr<display::DisplayServer> server_;
  std::unique_ptr<display::X11Connection> person_;
  std::unique_ptr<net::PacketSocket> socket_;
  std::unique_ptr<display::Child> child_;
};

}  // namespace ts::logon::test
