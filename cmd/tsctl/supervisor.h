// Runs the roles: starts them in order, hands them their sockets, waits until each is ready, starts again
// what dies, and ends them in reverse order. Everything happens in the loop; nothing here blocks.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "cmd/tsctl/listeners.h"
#include "cmd/tsctl/notify_socket.h"
#include "cmd/tsctl/role_process.h"
#include "cmd/tsctl/roles.h"

namespace ts::tsctl {

class Supervisor {
 public:
  struct Handlers {
    std::function<void()> on_ready;        // every role serves; once
    std::function<void(Error)> on_failed;  // a role cannot start: call stop()
    /// After stop(): every process has ended, unless sessions that were taken over go on without us.
    std::function<void(bool sessions_go_on)> on_stopped;
    /// A role had ended by itself, for this reason, and was started again.
    std::function<void(std::string_view role, const std::string& reason)> on_restarted;
  };
  struct Options {
    Layout layout;
    std::chrono::seconds session_end_timeout{};  // sessions.end_timeout
    std::vector<std::string> environment;        // of the roles
    int output = 2;                              // what they print on, borrowed
    pid_t spawner = 0;                           // of tsspawn where it runs already, else 0
  };

  static Result<std::unique_ptr<Supervisor>> start(net::Loop& loop, const Options& options,
                                                   std::vector<ListeningSocket> sockets, Handlers handlers);
  /// Ends the roles one after the other, the last to start first.
  void stop();

 private:
  Supervisor(net::Loop& loop, std::vector<ListeningSocket> sockets, Handlers handlers);
  Result<> start_roles(const Options& options);
  void on_notified(pid_t sender);
  void on_stop_asked(pid_t sender);
  void on_role_failed(const Error& error);
  void stop_next();
  void leave_sessions();

  net::Loop& loop_;
  std::vector<ListeningSocket> sockets_;
  Handlers handlers_;
  std::unique_ptr<NotifySocket> notify_;
  std::vector<std::unique_ptr<RoleProcess>> roles_;
  net::Timer ready_deadline_;
  bool announced_ = false;
  bool stopping_ = false;
  bool taken_over_ = false;  // sessions of a supervisor before us
  bool left_ = false;        // and they go on without us
};

}  // namespace ts::tsctl
