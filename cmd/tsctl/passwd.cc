// tsctl passwd: keeps the passwords of the file back end (STATE/accounts/passwd).
#include <poll.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <csignal>

#include "cmd/tsctl/commands.h"
#include "lib/account/account_file.h"
#include "lib/base/random.h"
#include "lib/base/unique_fd.h"
#include "lib/os/users.h"

namespace ts::tsctl {
namespace {

constexpr std::size_t kLongestPassword = 255;

/// Waits until standard input has bytes. An error when a signal came in `signals` first (none where that is
/// empty).
Result<> wait_for_input(const UniqueFd& signals) {
  std::array<pollfd, 2> waiting{{{STDIN_FILENO, POLLIN, 0}, {signals.get(), POLLIN, 0}}};
  while (::poll(waiting.data(), waiting.size(), -1) < 0) {
    if (errno != EINTR) return fail_errno("waiting for the password");
  }
  if (waiting[1].revents == 0) return {};
  return fail(ErrorCode::kRefused, "given up, the password is as it was");
}

/// One line of standard input without its newline, or why there is none.
Result<std::string> read_line(const UniqueFd& signals = {}) {
  std::string line;
  line.reserve(kLongestPassword + 1);  // never moved: what is wiped is all there was
  auto read_into = [&]() -> Result<> {
    for (;;) {
      TS_TRY(wait_for_input(signals));
      char c = 0;
      ssize_t got = ::read(STDIN_FILENO, &c, 1);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return fail_errno("reading the password");
      if (got == 0 && line.empty()) return fail(ErrorCode::kRefused, "no password came on standard input");
      if (got == 0 || c == '\n') return {};
      line += c;
      if (line.size() > kLongestPassword) {
        return fail(ErrorCode::kRefused, "a password has at most {} bytes", kLongestPassword);
      }
    }
  };
  auto complete = read_into();
  if (complete) return line;
  wipe(line);
  return pass(complete.error());
}

/// No echo while this lives. Signals that would leave the terminal mute wait in a descriptor, so that none is
/// missed between the prompt and the reading.
class MutedTerminal {
 public:
  MutedTerminal() {
    sigset_t held;
    ::sigemptyset(&held);
    for (int number : {SIGINT, SIGTERM, SIGQUIT, SIGHUP, SIGTSTP}) ::sigaddset(&held, number);
    ::sigprocmask(SIG_BLOCK, &held, &mask_);
    signals_ = UniqueFd(::signalfd(-1, &held, SFD_CLOEXEC | SFD_NONBLOCK));
    ::tcgetattr(STDIN_FILENO, &before_);
    termios mute = before_;
    mute.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &mute);
  }
  ~MutedTerminal() {
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
    signalfd_siginfo taken{};
    while (::read(signals_.get(), &taken, sizeof taken) > 0) {
    }
    ::sigprocmask(SIG_SETMASK, &mask_, nullptr);
  }

  [[nodiscard]] const UniqueFd& signals() const { return signals_; }

 private:
  termios before_{};
  sigset_t mask_{};
  UniqueFd signals_;
};

Result<std::string> ask(const std::string& prompt) {
  MutedTerminal muted;  // before the prompt: what is typed at it is neither shown nor flushed away
  fmt::print(stderr, "{}", prompt);
  auto line = read_line(muted.signals());
  fmt::print(stderr, "\n");
  return line;
}

Result<std::string> new_password(const std::string& user) {
  if (!::isatty(STDIN_FILENO)) return read_line();
  TS_TRY_ASSIGN(auto first, ask(fmt::format("New password for '{}': ", user)));
  TS_TRY_ASSIGN(auto again, ask("Again: "));
  bool same = first == again;
  wipe(again);
  if (same) return first;
  wipe(first);
  return fail(ErrorCode::kRefused, "the two are not the same, the password is as it was");
}

/// The account to change, by its own spelling. Everybody their own, root all.
Result<std::string> account(const std::string& named, bool must_exist) {
  TS_TRY_ASSIGN(auto self, os::user_by_uid(::getuid()));
  std::string user = named.empty() ? self.name : named;
  if (::getuid() != 0 && user != self.name) {
    return fail(ErrorCode::kNotPermitted, "only root may change the password of '{}'", user);
  }
  if (!must_exist) return user;
  auto found = os::user_by_name(user);
  if (found) return found->name;
  if (found.error().code != ErrorCode::kNotFound) return pass(found.error());
  return fail(ErrorCode::kNotFound, "there is no account '{}' on this machine", user);
}

Result<> change_password(const cli::Context& context, const std::string& named, bool remove) {
  TS_TRY_ASSIGN(auto user, account(named, !remove));
  account::AccountFile file(context.config.layout.accounts_file());
  if (remove) return file.remove(user);
  TS_TRY_ASSIGN(auto password, new_password(user));
  if (password.empty()) return fail(ErrorCode::kRefused, "an empty password is not accepted");
  auto set = file.set_password(user, password);
  wipe(password);
  return set;
}

}  // namespace

cli::Command passwd_command() {
  static std::string user;
  static bool remove = false;
  cli::Command command{.name = "passwd", .summary = "Set a password for accounts.backend: file."};
  command.options = {{"--remove", "", "take the account out of the file", &remove}};
  command.positionals = {{"USER", "", "the account [the caller's]; root may name any", &user}};
  command.run = [](const cli::Context& context) -> int {
    auto done = change_password(context, user, remove);
    return done ? cli::kDone : cli::report("tsctl", done.error());
  };
  return command;
}

}  // namespace ts::tsctl
