#include "lib/display/child.h"

#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <cerrno>

namespace ts::display {

using namespace std::chrono_literals;

Result<std::unique_ptr<Child>> Child::watch(net::Loop& loop, pid_t pid,
                                            std::function<void(std::string)> on_exit) {
  std::unique_ptr<Child> child(new Child(loop, pid, std::move(on_exit)));
  auto watcher = net::ExitWatcher::open(loop, pid, [self = child.get()] {
    self->kill_timer_.stop();
    std::string how = self->reap();
    auto callback = std::move(self->on_exit_);  // may destroy us
    if (callback) callback(how);
  });
  if (!watcher) return pass(watcher.error());
  child->watcher_ = std::move(*watcher);
  return child;
}

Child::Child(net::Loop& loop, pid_t pid, std::function<void(std::string)> on_exit)
    : pid_(pid), on_exit_(std::move(on_exit)), kill_timer_(loop, [this] { ::kill(pid_, SIGKILL); }) {}

std::string Child::reap() {
  running_ = false;
  int status = 0;
  pid_t got = 0;
  do {
    got = ::waitpid(pid_, &status, 0);
  } while (got < 0 && errno == EINTR);
  if (got != pid_) return "ended";  // reaped by a host that reaps everything below it
  if (WIFSIGNALED(status)) return fmt::format("was killed by signal {}", WTERMSIG(status));
  return fmt::format("ended with status {}", WEXITSTATUS(status));
}

void Child::stop() {
  if (!running_) return;
  ::kill(pid_, SIGTERM);
  kill_timer_.start(2s);
}

Child::~Child() {
  if (!running_) return;
  UniqueFd pidfd(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
  ::kill(pid_, SIGTERM);
  pollfd gone{pidfd.get(), POLLIN, 0};
  if (!pidfd || ::poll(&gone, 1, 1000) != 1) ::kill(pid_, SIGKILL);
  reap();
}

}  // namespace ts::display
