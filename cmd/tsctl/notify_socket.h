// The receiving end of sd_notify(3): one abstract datagram socket for all roles. Whoever can reach it can
// write to it, so a message counts only for the process that the kernel says sent it (SCM_CREDENTIALS).
#pragma once

#include <sys/types.h>

#include <functional>
#include <memory>
#include <string>

#include "lib/base/unique_fd.h"
#include "lib/net/loop.h"

namespace ts::tsctl {

class NotifySocket {
 public:
  struct Handlers {
    std::function<void(pid_t sender)> on_ready;
    std::function<void(pid_t sender)> on_stop;  // it asks that everything is stopped
  };

  static Result<std::unique_ptr<NotifySocket>> open(net::Loop& loop, Handlers handlers);

  /// For the environment: "@..." stands for an abstract name.
  const std::string& address() const { return address_; }

 private:
  NotifySocket(net::Loop& loop, UniqueFd fd, std::string address, Handlers handlers);
  void on_readable();

  UniqueFd fd_;
  std::string address_;
  Handlers handlers_;
  net::Poller poller_;
};

}  // namespace ts::tsctl
