#include "cmd/tsctl/role_process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "cmd/tsctl/folders.h"
#include "cmd/tsctl/up_files.h"
#include "lib/base/log.h"
#include "lib/os/programs.h"
#include "lib/os/service.h"
#include "lib/os/users.h"

namespace ts::tsctl {
namespace {

std::string end_text(int status) {
  if (WIFEXITED(status)) return fmt::format("exit status {}", WEXITSTATUS(status));
  return fmt::format("signal {} ({})", WTERMSIG(status), ::strsignal(WTERMSIG(status)));
}

Result<UniqueFd> folder_handle(const std::filesystem::path& path) {
  UniqueFd fd(::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!fd) return fail_errno(fmt::format("opening '{}'", path.native()));
  return fd;
}

}  // namespace

RoleProcess::RoleProcess(net::Loop& loop, Options options, const std::vector<ListeningSocket>& sockets,
                         Handlers handlers)
    : loop_(loop),
      options_(std::move(options)),
      sockets_(sockets),
      handlers_(std::move(handlers)),
      restart_(loop,
               [this] {
                 if (auto launched = launch(); !launched) {
                   log::error("{}", launched.error().message);
                   return after_end();
                 }
                 handlers_.on_restarted(end_);
               }),
      kill_(loop, [this] {
        log::warning("{} did not end in time, killing it pid={}", name(), pid_);
        ::kill(pid_, SIGKILL);
      }) {}

void RoleProcess::start() {
  auto launched = launch();
  if (launched) return;
  log::error("{}", launched.error().message);
  after_end();
}

Result<> RoleProcess::launch() {
  os::Spawn what;
  TS_TRY_ASSIGN(what.program, os::find_program(name()));
  what.environment = options_.environment;
  what.environment.push_back("NOTIFY_SOCKET=" + options_.notify_address);
  what.environment.push_back(fmt::format("{}=1", os::kStopsVariable));
  what.systemd_listen = true;
  // What we print is for whoever called us; what roles and all that descend from them say is the log's.
  for (int number : {STDOUT_FILENO, STDERR_FILENO}) what.fds.emplace_back(options_.output, number);
  // When we are killed, the parent of all sessions stays, and they with it, for the next one of us.
  what.die_with_parent = !options_.role.ends_sessions;
  std::string names;
  int next_fd = 3;  // SD_LISTEN_FDS_START
  for (const auto& socket : sockets_) {
    const auto& wanted = options_.role.sockets;
    if (std::find(wanted.begin(), wanted.end(), socket.name) == wanted.end()) continue;
    names += (names.empty() ? "" : ":") + socket.name;
    what.fds.emplace_back(socket.fd.get(), next_fd++);
  }
  what.environment.push_back("LISTEN_FDNAMES=" + names);
  what.environment.push_back(fmt::format("LISTEN_FDS={}", next_fd - 3));
  TS_TRY(add_identity(what));
  TS_TRY(add_folders(what, next_fd));
  policy_.started(net::Clock::now());
  TS_TRY_ASSIGN(pid_, os::spawn(what));
  return watch();
}

Result<> RoleProcess::watch() {
  TS_TRY_ASSIGN(watcher_, net::ExitWatcher::open(loop_, pid_, [this] { on_exit(); }));
  return {};
}

Result<> RoleProcess::adopt(pid_t pid) {
  pid_ = pid;
  policy_.started(net::Clock::now());
  TS_TRY(watch());
  set_ready();
  return {};
}

void RoleProcess::let_go() {
  pid_ = 0;
  watcher_.reset();
  do_not_restart();
}

Result<> RoleProcess::add_identity(os::Spawn& what) {
  if (::geteuid() != 0 || options_.role.user.empty()) return {};
  TS_TRY_ASSIGN(auto user, os::user_by_name(std::string(options_.role.user)));
  what.identity = os::identity_of(user);
  what.no_new_privs = true;  // these run nothing that would need any
  return {};
}

/// The folders as this role can reach them: below a folder that only root may enter, by a descriptor.
Result<> RoleProcess::add_folders(os::Spawn& what, int next_fd) {
  auto give = [&](const std::filesystem::path& folder, UniqueFd& handle) -> Result<std::filesystem::path> {
    if (!what.identity || reachable(folder, what.identity->uid, what.identity->gid)) return folder;
    TS_TRY_ASSIGN(handle, folder_handle(folder));
    what.fds.emplace_back(handle.get(), next_fd);
    return std::filesystem::path(fmt::format("/proc/self/fd/{}", next_fd++));
  };
  TS_TRY_ASSIGN(auto state, give(options_.layout.state, state_));
  TS_TRY_ASSIGN(auto runtime, give(options_.layout.runtime, runtime_));
  what.arguments = {"--config", config_snapshot(runtime), "--state", state, "--runtime", runtime};
  return {};
}

void RoleProcess::set_ready() {
  if (!policy_.was_ready()) log::info("{} is ready pid={}", name(), pid_);
  policy_.ready();
}

void RoleProcess::do_not_restart() {
  keep_ = false;
  restart_.stop();
}

void RoleProcess::stop() {
  do_not_restart();
  if (!running()) return;
  ::kill(pid_, SIGTERM);
  kill_.start(options_.end_time);
}

void RoleProcess::on_exit() {
  int status = 0;
  pid_t waited = 0;
  while ((waited = ::waitpid(pid_, &status, 0)) < 0 && errno == EINTR) {
  }
  // Of one that was adopted, init gets the status.
  end_ = waited == pid_ ? end_text(status) : "nobody knows how";
  bool clean = !keep_ && WIFEXITED(status) && WEXITSTATUS(status) == 0;
  if (!clean) log::warning("{} ended by itself or badly: {} pid={}", name(), end_, pid_);
  pid_ = 0;
  kill_.stop();
  watcher_.reset();
  after_end();
}

void RoleProcess::after_end() {
  if (!keep_) {
    auto on_stopped = handlers_.on_stopped;
    return on_stopped();
  }
  if (auto delay = policy_.ended(net::Clock::now())) return restart_.start(*delay);
  keep_ = false;
  auto on_failed = handlers_.on_failed;
  on_failed({ErrorCode::kRefused,
             fmt::format("{} does not start: it ended {} times before it was ready; its messages are above",
                         name(), RestartPolicy::kEarlyEnds)});
}

}  // namespace ts::tsctl
