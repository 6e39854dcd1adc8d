// The process of an attached stack, known by its pidfd. What a stack was given to look at cannot be taken
// back from it (a mapping stays), so a stack that does not go when it has to is killed. Only a process of the
// stacks' own account is ever touched, whatever pid was named.
#pragma once

#include <sys/types.h>

#include <functional>
#include <memory>

#include "lib/base/unique_fd.h"
#include "lib/net/loop.h"

namespace ts::host {

class StackProcess {
 public:
  /// nullptr when there is no such process (any more), or it is none of the stacks' account: as root tsstack,
  /// else our own. `on_exit` follows once, from the loop, when it has gone; it may destroy this.
  static std::unique_ptr<StackProcess> open(net::Loop& loop, pid_t pid, std::function<void()> on_exit);

  void kill();
  pid_t pid() const { return pid_; }

 private:
  StackProcess(net::Loop& loop, pid_t pid, UniqueFd pidfd, std::function<void()> on_exit);

  pid_t pid_;
  UniqueFd pidfd_;
  std::function<void()> on_exit_;
  net::Poller exit_;
};

}  // namespace ts::host
