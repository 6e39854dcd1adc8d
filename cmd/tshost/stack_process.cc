#include "cmd/tshost/stack_process.h"

#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "lib/base/log.h"
#include "lib/os/peer.h"
#include "lib/os/proc.h"

namespace ts::host {
namespace {

bool is_stacks_account(const os::Uids& uids) {
  uid_t wanted = ::geteuid();
  if (wanted == 0) {
    auto account = os::uid_of_user("tsstack");
    if (!account) return false;
    wanted = *account;
  }
  return uids.are_all(wanted);
}

bool has_ended(int pidfd) {
  pollfd ended{pidfd, POLLIN, 0};
  return ::poll(&ended, 1, 0) != 0;
}

}  // namespace

std::unique_ptr<StackProcess> StackProcess::open(net::Loop& loop, pid_t pid, std::function<void()> on_exit) {
  if (pid <= 0) return nullptr;
  UniqueFd pidfd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  auto uids = os::uids_of(pid);
  // Asked last: what was read is then the process's that the descriptor stands for.
  if (!pidfd || !uids || has_ended(pidfd.get())) return nullptr;
  if (!is_stacks_account(*uids)) {
    log::warning("Ignoring the pid of a stack that is none pid={} uid={}", pid, uids->real);
    return nullptr;
  }
  return std::unique_ptr<StackProcess>(new StackProcess(loop, pid, std::move(pidfd), std::move(on_exit)));
}

StackProcess::StackProcess(net::Loop& loop, pid_t pid, UniqueFd pidfd, std::function<void()> on_exit)
    : pid_(pid),
      pidfd_(std::move(pidfd)),
      on_exit_(std::move(on_exit)),
      exit_(loop, pidfd_.get(), [this](net::Poller::Ready) {
        exit_.watch(false, false);
        auto callback = on_exit_;
        callback();
      }) {
  exit_.watch(true, false);
}

void StackProcess::kill() {
  if (::syscall(SYS_pidfd_send_signal, pidfd_.get(), SIGKILL, nullptr, 0) != 0 && errno != ESRCH)
    log::error("A stack that has to go cannot be killed pid={}: {}", pid_, std::strerror(errno));
}

}  // namespace ts::host
