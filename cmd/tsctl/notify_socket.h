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
  using OnReady = std::function<void(pid_t sender)>;

  static Result<std::unique_ptr<NotifySocket>> open(net::Loop& loop, OnReady on_ready);

  /// For the environment: "@..." stands for an abstract name.
  const std::string& address() const { return address_; }

 private:
  NotifySocket(net::Loop& loop, UniqueFd fd, std::string address, OnReady on_ready);
  void on_readable();

  UniqueFd fd_;
  std::string address_;
  OnReady on_ready_;
  net::Poller poller_;
};

}  // namespace ts::tsctl
