// What the two children of a session's host that lib/display starts have in common: told when gone, reaped,
// ended.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "lib/base/result.h"
#include "lib/net/loop.h"
#include "lib/net/sockets.h"

namespace ts::display {

/// One running child process. Destroying it ends the process: SIGTERM, and SIGKILL after a second.
class Child {
 public:
  /// `on_exit` comes once, with how it ended ("ended with status 1", "was killed by signal 11").
  static Result<std::unique_ptr<Child>> watch(net::Loop& loop, pid_t pid,
                                              std::function<void(std::string)> on_exit);
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  pid_t pid() const { return pid_; }
  bool running() const { return running_; }
  /// SIGTERM now, SIGKILL after 2 s; on_exit follows.
  void stop();

 private:
  Child(net::Loop& loop, pid_t pid, std::function<void(std::string)> on_exit);
  std::string reap();

  pid_t pid_;
  bool running_ = true;
  std::function<void(std::string)> on_exit_;
  net::Timer kill_timer_;
  std::unique_ptr<net::ExitWatcher> watcher_;
};

}  // namespace ts::display
