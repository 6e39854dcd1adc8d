// The host's handle on its tslogon, the logon screen on the session's own display: started as soon as the
// display is there, started anew when it dies while somebody may still log on, gone once a user's desktop is
// there. It runs under the session's display uid and is not trusted: what it sends are requests like a
// client's.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lib/display/child.h"
#include "lib/display/server.h"
#include "lib/net/packet_socket.h"
#include "lib/session/logon_messages.h"
#include "lib/session/stack_messages.h"

namespace ts::host {

class LogonScreen {
 public:
  struct Options {
    std::optional<os::Identity> identity;  // the display server's
    int display = -1;
    display::Cookie cookie{};
    std::vector<std::string> arguments, environment;
  };
  struct Handlers {
    std::function<void(pid_t)> on_process;  // a new one
    /// It is there and shows nothing yet of who is connected: also after it was started anew.
    std::function<void()> on_ready;
    /// False: not expected now; it is started anew. To be wiped by whoever copies it.
    std::function<bool(const session::Credentials&)> on_credentials;
    std::function<bool(const session::LogonAnswer&)> on_answer;
    std::function<bool(const session::LogonChosen&)> on_chosen;
    std::function<void(const session::LogonCancel&)> on_cancel;
    std::function<void(std::uint32_t request)> on_answered;  // to ask()
  };

  LogonScreen(net::Loop& loop, Handlers handlers);

  void start(Options options);
  template <typename T>
  void send(const T& message) {
    // A screen that is gone is started anew and then told how things are.
    if (socket_) (void)socket_->send_message(message);
  }
  /// Whether it still works; false: it is not there.
  bool ask(std::uint32_t request);
  /// The desktop takes over: the screen ends by itself and is not started again.
  void finish();
  /// Ends it; it is gone when pid() says so.
  void stop();

  /// While it lives.
  std::optional<pid_t> pid() const;

 private:
  void launch();
  Result<> spawn();
  void on_packet(ByteView packet);
  void on_exit(const std::string& how);

  net::Loop& loop_;
  Handlers handlers_;
  Options options_;
  bool wanted_ = false;
  std::unique_ptr<net::PacketSocket> socket_;
  std::unique_ptr<display::Child> child_;
  net::Timer restart_;
  std::chrono::milliseconds restart_delay_;
};

}  // namespace ts::host
