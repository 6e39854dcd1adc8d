#include "lib/cli/follow_output.h"

#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <span>

namespace ts::cli {
namespace {

constexpr short kGone = POLLERR | POLLHUP | POLLNVAL;

Result<int> poll_all(std::span<pollfd> fds, int timeout_ms) {
  for (;;) {
    int ready = ::poll(fds.data(), fds.size(), timeout_ms);
    if (ready >= 0) return ready;
    if (errno != EINTR) return fail_errno("poll");
  }
}

}  // namespace

Result<FollowOutput> FollowOutput::open() {
  sigset_t ending;
  ::sigemptyset(&ending);
  ::sigaddset(&ending, SIGINT);
  ::sigaddset(&ending, SIGTERM);
  if (::sigprocmask(SIG_BLOCK, &ending, nullptr) != 0) return fail_errno("blocking signals");
  // A reader that has gone is an end like the others.
  ::signal(SIGPIPE, SIG_IGN);
  UniqueFd fd(::signalfd(-1, &ending, SFD_CLOEXEC));
  if (!fd) return fail_errno("signalfd");
  return FollowOutput(std::move(fd));
}

Result<FollowOutput::Waited> FollowOutput::wait(int fd, std::optional<std::chrono::milliseconds> timeout) {
  std::array<pollfd, 3> fds{{{signals_.get(), POLLIN, 0}, {STDOUT_FILENO, 0, 0}, {fd, POLLIN, 0}}};
  TS_TRY_ASSIGN(int ready, poll_all(fds, timeout ? static_cast<int>(timeout->count()) : -1));
  if (ready == 0) return Waited::kTimedOut;
  if (fds[0].revents != 0 || (fds[1].revents & kGone) != 0) return Waited::kOver;
  return Waited::kReadable;
}

Result<bool> FollowOutput::write(std::string_view lines) {
  while (!lines.empty()) {
    std::array<pollfd, 2> fds{{{signals_.get(), POLLIN, 0}, {STDOUT_FILENO, POLLOUT, 0}}};
    TS_TRY(poll_all(fds, -1));
    // A line that was begun is not left half: the signal waits until its rest is written, if anybody reads
    // it.
    if (fds[0].revents != 0 && (fds[1].revents & POLLOUT) == 0) return false;
    if ((fds[1].revents & kGone) != 0 && (fds[1].revents & POLLOUT) == 0) return false;
    // So much a pipe that can be written to takes without blocking (pipe(7)).
    ssize_t size = ::write(STDOUT_FILENO, lines.data(), std::min<std::size_t>(lines.size(), PIPE_BUF));
    if (size < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (size < 0 && errno == EPIPE) return false;
    if (size < 0) return fail_errno("the output cannot be written");
    lines.remove_prefix(static_cast<std::size_t>(size));
  }
  return true;
}

}  // namespace ts::cli
