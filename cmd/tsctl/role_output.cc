#include "cmd/tsctl/role_output.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <span>

#include "lib/base/log.h"

namespace ts::tsctl {
namespace {

constexpr int kLastWords = 2000;  // milliseconds

bool needs_copy() {
  int flags = ::fcntl(STDERR_FILENO, F_GETFL);
  return flags >= 0 && (flags & O_ACCMODE) == O_RDWR && !log::to_journal();
}

/// Terminals act on control bytes: C0, DEL, and C1, which in UTF-8 comes after 0xc2, elsewhere after
/// anything.
void make_harmless(std::span<char> text, unsigned char& before) {
  for (char& c : text) {
    auto byte = static_cast<unsigned char>(c);
    bool c1 = (before == 0xc2 || before < 0x80) && byte >= 0x80 && byte < 0xa0;
    before = byte;
    if (c1 || byte == 0x7f || (byte < 0x20 && byte != '\n' && byte != '\t')) c = '?';
  }
}

/// A terminal that has gone takes nothing any more; the roles go on all the same.
void write_all(std::span<const char> text) {
  while (!text.empty()) {
    ssize_t written = ::write(STDERR_FILENO, text.data(), text.size());
    if (written > 0) {
      text = text.subspan(static_cast<std::size_t>(written));
    } else if (errno == EAGAIN) {
      pollfd room{STDERR_FILENO, POLLOUT, 0};
      ::poll(&room, 1, -1);
    } else if (errno != EINTR) {
      return;
    }
  }
}

/// Until every role and all that descend from them have closed the pipe, whatever becomes of tsctl meanwhile.
[[noreturn]] void copy(int from) {
  ::setsid();  // Ctrl-C at the terminal is not for us: the last words are still to come
  for (int number : {SIGHUP, SIGINT, SIGTERM, SIGPIPE}) ::signal(number, SIG_IGN);
  ::prctl(PR_SET_NAME, "tsctl-output");
  ::dup2(from, STDIN_FILENO);
  ::dup2(STDERR_FILENO, STDOUT_FILENO);
  ::syscall(SYS_close_range, 3U, ~0U, 0);
  (void)!::chdir("/");
  std::array<char, 16 * 1024> buffer;
  unsigned char before = 0;
  std::size_t held = 0;  // of a line whose end is still to come: tsctl's own lines do not go in between
  for (;;) {
    ssize_t got = ::read(STDIN_FILENO, buffer.data() + held, buffer.size() - held);
    if (got < 0 && errno == EINTR) continue;
    auto text = std::span(buffer).first(held + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    make_harmless(text.subspan(held), before);
    auto after = std::find(text.rbegin(), text.rend(), '\n').base();
    auto lines = static_cast<std::size_t>(after - text.begin());
    if (got <= 0 || (lines == 0 && text.size() == buffer.size())) lines = text.size();
    write_all(text.first(lines));
    if (got <= 0) ::_exit(0);
    held = text.size() - lines;
    std::copy(text.end() - static_cast<std::ptrdiff_t>(held), text.end(), buffer.begin());
  }
}

}  // namespace

Result<RoleOutput> RoleOutput::open() {
  RoleOutput output;
  if (!needs_copy()) return output;
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return fail_errno("making a pipe for the roles' messages");
  UniqueFd reading(ends[0]);
  output.pipe_ = UniqueFd(ends[1]);
  pid_t pid = ::fork();
  if (pid < 0) return fail_errno("starting the process that prints the roles' messages");
  if (pid == 0) copy(reading.get());
  output.copier_ = UniqueFd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  return output;
}

RoleOutput::~RoleOutput() {
  pipe_.reset();
  if (!copier_) return;
  pollfd ended{copier_.get(), POLLIN, 0};
  while (::poll(&ended, 1, kLastWords) < 0 && errno == EINTR) {
  }
  siginfo_t info{};
  ::waitid(P_PIDFD, static_cast<id_t>(copier_.get()), &info, WEXITED | WNOHANG);
}

int RoleOutput::fd() const {
  return pipe_ ? pipe_.get() : STDERR_FILENO;
}

}  // namespace ts::tsctl
