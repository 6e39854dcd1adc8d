// One role under supervision: its process, started again with backing off whenever it ends.
#pragma once

#include <sys/types.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "cmd/tsctl/listeners.h"
#include "cmd/tsctl/restart_policy.h"
#include "cmd/tsctl/roles.h"
#include "lib/net/loop.h"
#include "lib/net/sockets.h"
#include "lib/os/spawn.h"

namespace ts::tsctl {

class RoleProcess {
 public:
  struct Options {
    const Role& role;  // of kRoles
    Layout layout;
    std::vector<std::string> environment;
    std::string notify_address;
    std::chrono::seconds end_time;  // from TERM to KILL
    int output = 2;                 // what it prints on, borrowed (RoleOutput)
  };
  struct Handlers {
    std::function<void(const Error&)> on_failed;                  // it cannot be brought up
    std::function<void()> on_stopped;                             // it ended and will not be started again
    std::function<void(const std::string& reason)> on_restarted;  // it had ended, for this reason
  };

  /// `sockets` outlive the role.
  RoleProcess(net::Loop& loop, Options options, const std::vector<ListeningSocket>& sockets,
              Handlers handlers);
  /// Failures come through the handlers, from the loop.
  void start();
  /// Instead of start(): it runs already, started by a supervisor that was killed.
  Result<> adopt(pid_t pid);
  /// It goes on without us.
  void let_go();

  std::string_view name() const { return options_.role.program; }
  pid_t pid() const { return pid_; }
  bool running() const { return pid_ > 0; }
  bool was_ready() const { return policy_.was_ready(); }
  void set_ready();
  void do_not_restart();
  /// TERM, and KILL when that does not help.
  void stop();

 private:
  Result<> launch();
  Result<> watch();
  Result<> add_identity(os::Spawn& what);
  Result<> add_folders(os::Spawn& what, int next_fd);
  void on_exit();
  void after_end();

  net::Loop& loop_;
  Options options_;
  const std::vector<ListeningSocket>& sockets_;
  Handlers handlers_;
  RestartPolicy policy_;
  pid_t pid_ = 0;
  std::unique_ptr<net::ExitWatcher> watcher_;
  net::Timer restart_;
  net::Timer kill_;
  bool keep_ = true;          // start it again when it ends
  std::string end_;           // how it has ended
  UniqueFd state_, runtime_;  // for a role that may not enter the folders above
};

}  // namespace ts::tsctl
