#include "lib/os/mark_scan.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>

#include "lib/os/proc.h"

namespace ts::os {
namespace {

constexpr std::size_t kMaxEnvironment = 128 * 1024;  // bytes

/// `variable` as a whole: between NULs, or the ends of the text.
bool holds(std::string_view text, std::string_view variable) {
  for (std::size_t at = 0; (at = text.find(variable, at)) != std::string_view::npos; ++at) {
    std::size_t end = at + variable.size();
    if ((at == 0 || text[at - 1] == '\0') && (end == text.size() || text[end] == '\0')) return true;
  }
  return false;
}

/// The child. It has its parent's memory and nothing else of it.
[[noreturn]] void scan(const std::vector<std::string>& marks, int out, pid_t parent) {
  constexpr int kOut = 3;
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || ::getppid() != parent) ::_exit(1);
  if (out != kOut && ::dup2(out, kOut) < 0) ::_exit(1);
  // Sockets whose last copy's closing says something must not stay open here.
  ::syscall(SYS_close_range, kOut + 1U, ~0U, 0U);
  for (pid_t pid : all_processes()) {
    if (pid == ::getpid()) continue;
    Process process = process_of(pid);
    if (!process.alive() || !environment_has(pid, marks)) continue;
    MarkScan::Found found{pid, process.began};
    if (::write(kOut, &found, sizeof found) != sizeof found) ::_exit(1);
  }
  MarkScan::Found end{};
  ::_exit(::write(kOut, &end, sizeof end) == sizeof end ? 0 : 1);
}

}  // namespace

bool environment_has(pid_t pid, const std::vector<std::string>& variables) {
  std::string text = read_proc(pid, "environ", kMaxEnvironment);
  return std::all_of(variables.begin(), variables.end(),
                     [&](const std::string& variable) { return holds(text, variable); });
}

Result<MarkScan> MarkScan::start(const std::vector<std::string>& marks, std::chrono::milliseconds deadline) {
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
  if (pid == 0) scan(marks, write_end.get(), parent);
  int fork_error = errno;
  MarkScan out;
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
  out.late_at_ = std::chrono::steady_clock::now() + deadline;
  return out;
}

MarkScan::~MarkScan() {
  if (process_) ::syscall(SYS_pidfd_send_signal, process_.get(), SIGKILL, nullptr, 0U);
}

MarkScan::State MarkScan::look() {
  std::array<Found, 64> some{};
  for (;;) {
    // Records are shorter than PIPE_BUF: they come whole.
    ssize_t size = ::read(pipe_.get(), some.data(), sizeof some);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0 && errno == EAGAIN && std::chrono::steady_clock::now() < late_at_) return State::kRunning;
    if (size <= 0) return State::kLate;  // or it was killed by somebody else
    for (std::size_t i = 0; i < static_cast<std::size_t>(size) / sizeof(Found); ++i) {
      if (some[i].pid == 0) return State::kDone;
      found_.push_back(some[i]);
    }
  }
}

}  // namespace ts::os
