#include "lib/os/reader_child.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace ts::os {
namespace {

[[noreturn]] void run(const std::function<void(int out)>& work, int out, pid_t parent) {
  constexpr int kOut = 3;
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || ::getppid() != parent) ::_exit(1);
  if (out != kOut && ::dup2(out, kOut) < 0) ::_exit(1);
  // Sockets whose last copy's closing says something must not stay open here.
  ::syscall(SYS_close_range, kOut + 1U, ~0U, 0U);
  work(kOut);
  ::_exit(0);
}

}  // namespace

Result<ReaderChild> ReaderChild::start(const std::function<void(int out)>& work) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return fail_errno("pipe");
  UniqueFd read_end(ends[0]), write_end(ends[1]);
  // Only ours: the child waits when the pipe is full.
  if (::fcntl(read_end.get(), F_SETFL, O_NONBLOCK) != 0) return fail_errno("fcntl of a pipe");
  const pid_t parent = ::getpid();
  // Handlers of ours are not for the child; it ends by itself or by KILL.
  sigset_t all, before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  pid_t pid = ::fork();
  if (pid == 0) run(work, write_end.get(), parent);
  int fork_error = errno;
  ReaderChild out;
  // Before anybody can have reaped it.
  if (pid > 0) out.process_.reset(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0U)));
  int open_error = errno;
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (pid < 0) return fail_errno("fork", fork_error);
  if (!out.process_) {
    ::kill(pid, SIGKILL);
    return fail_errno("pidfd_open", open_error);
  }
  out.pid_ = pid;
  out.pipe_ = std::move(read_end);
  return out;
}

ReaderChild::~ReaderChild() {
  if (process_) ::syscall(SYS_pidfd_send_signal, process_.get(), SIGKILL, nullptr, 0U);
}

}  // namespace ts::os
