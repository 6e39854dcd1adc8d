// The display of a session: its display server and the tsdisplay that serves stacks. The server's end is the
// session's; tsdisplay is started anew when it dies, which users see as a short standstill.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cmd/tshost/display_uid.h"
#include "lib/config/config.h"
#include "lib/display/display_process.h"
#include "lib/display/xvfb.h"

namespace ts::host {

class SessionDisplay {
 public:
  struct Handlers {
    std::function<void(pid_t)> on_process;  // a new one, e.g. for the cgroup
    std::function<void(int number)> on_ready;
    std::function<void()> on_restarted;                      // tsdisplay
    std::function<void(const std::string& reason)> on_gone;  // the server, always once
    /// Answer to take_picture(); there is none when tsdisplay dies meanwhile.
    std::function<void(std::uint32_t request, Result<display::Snapshot>)> on_picture;
    std::function<void()> on_input;                        // somebody uses keys or the mouse
    std::function<void(std::uint32_t request)> on_answer;  // to ask()
  };

  SessionDisplay(net::Loop& loop, const config::Config& config, std::vector<std::string> arguments,
                 std::vector<std::string> environment, Handlers handlers);

  [[nodiscard]] Result<> start(std::uint32_t session_id);
  void stop();

  /// For a stack: a fresh display socket and the framebuffer, read-only.
  struct Sockets {
    UniqueFd display, framebuffer;
  };
  std::optional<Sockets> attach();
  /// The stack has gone or is to go: it gets no more pixels' whereabouts and its input goes nowhere.
  void detach();
  /// A client of this size is coming.
  void fit(display::Size size);
  /// What it shows now.
  void take_picture(std::uint32_t request);

  /// Whether it still works; false: tsdisplay is not there.
  bool ask(std::uint32_t request);

  int number() const { return number_; }
  /// The display server's, where we are root.
  const std::optional<os::Identity>& identity() const { return identity_; }
  const display::Cookie& cookie() const { return cookie_; }
  /// The server has died or is dying: on_gone comes, if it has not.
  bool server_ending() const;
  /// Those that live.
  std::vector<pid_t> pids() const;

 private:
  void start_tsdisplay();
  void on_server_exit(const std::string& reason);
  void on_tsdisplay_exit(const std::string& reason);

  net::Loop& loop_;
  const config::Config& config_;
  std::vector<std::string> arguments_, environment_;
  Handlers handlers_;
  DisplayUid uid_;
  std::optional<os::Identity> identity_;
  std::unique_ptr<display::DisplayServer> server_;
  std::unique_ptr<display::DisplayProcess> process_;
  display::Cookie cookie_{};
  int number_ = -1;
  bool server_alive_ = false;
  bool ready_told_ = false;
  bool stopping_ = false;
  net::Timer restart_;
  std::chrono::milliseconds restart_delay_;
};

}  // namespace ts::host
