#include "cmd/tsspawn/children.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>

#include "lib/base/log.h"
#include "lib/base/random.h"
#include "lib/net/sockets.h"
#include "lib/os/display_number.h"
#include "lib/os/network_namespace.h"
#include "lib/os/programs.h"
#include "lib/session/spawn_messages.h"

namespace ts::spawn {
namespace {

constexpr std::chrono::milliseconds kTick{50};
/// Longer than a host takes to end its session and to let its client go.
constexpr std::chrono::seconds kHostGrace{8};
/// tsuserinit, orphaned by the death of its host, closes the account's session and removes its files.
constexpr std::chrono::seconds kOrphanGrace{2};
constexpr std::chrono::seconds kStackGrace{2};
constexpr std::size_t kSpareStacks = 16;  // waiting ones, and those that say good-bye to their clients

std::vector<std::string> base_environment() {
  std::vector<std::string> out{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"};
  for (const char* name : {"LANG", "HOME", "XDG_RUNTIME_DIR", "TS_CONFIG"}) {
    if (const char* value = std::getenv(name)) out.push_back(fmt::format("{}={}", name, value));
  }
  return out;
}

}  // namespace

Children::Children(net::Loop& loop, Settings settings, Handlers handlers)
    : settings_(std::move(settings)),
      handlers_(std::move(handlers)),
      tick_(loop, [this] { tick(); }),
      on_child_(loop, SIGCHLD, [this] { reap(); }) {
  if (!settings_.stack_identity) return;
  auto network = os::make_empty_network();
  if (network)
    empty_network_ = *std::move(network);
  else
    log::warning("Only their system call filter keeps stacks off the network: {}", network.error().message);
}

Result<pid_t> Children::start_host(session::SessionId id) {
  auto& sessions = settings_.config.sessions;
  if (ending_) return fail_errno("the server is stopping", ESHUTDOWN);
  if (std::any_of(hosts_.begin(), hosts_.end(), [&](const Host& host) { return host.id == id; })) {
    return fail_errno(fmt::format("session {} has a host", id), EEXIST);
  }
  // The console, those logged on, those that wait, and as many on their way out.
  if (hosts_.size() > 2 * (std::size_t{sessions.max} + sessions.idle) + sessions.max_logon) {
    return fail_errno("too many hosts", EAGAIN);
  }
  TS_TRY_ASSIGN(auto ends, net::socket_pair(net::SocketKind::kPacket));
  Host host;
  host.id = id;
  host.key = random_password(16);
  os::Spawn what;
  TS_TRY_ASSIGN(what.program, os::find_program("tshost"));
  what.arguments = {"--session", std::to_string(id)};
  what.arguments.insert(what.arguments.end(), settings_.forwarded.begin(), settings_.forwarded.end());
  what.environment = base_environment();
  what.environment.push_back("TS_SESSION_KEY=" + host.key);
  what.fds = {{ends.second.get(), 3}};
  TS_TRY_ASSIGN(host.pid, os::spawn(what));
  host.first_pid = host.pid;
  host.lifeline = std::move(ends.first);
  hosts_.push_back(std::move(host));
  return hosts_.back().pid;
}

bool Children::end_host(session::SessionId id) {
  auto host = std::find_if(hosts_.begin(), hosts_.end(), [&](const Host& h) { return h.id == id; });
  if (host == hosts_.end()) return false;
  let_go(*host);
  if (!host->kill_at) host->kill_at = net::Clock::now() + kHostGrace;
  if (!tick_.active()) tick_.start(kTick);
  return true;
}

Result<Children::Stack> Children::start_stack() {
  if (ending_) return fail_errno("the server is stopping", ESHUTDOWN);
  if (stacks_.size() >= settings_.config.listener.max_connections + kSpareStacks) {
    return fail_errno("too many stacks", EAGAIN);
  }
  TS_TRY_ASSIGN(auto ends, net::socket_pair(net::SocketKind::kPacket));
  UniqueFd root(::open(settings_.config.layout.empty_root().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!root) return fail_errno(fmt::format("opening '{}'", settings_.config.layout.empty_root().string()));
  os::Spawn what;
  TS_TRY_ASSIGN(what.program, os::find_program("tsstack"));
  what.environment = {"LANG=C.UTF-8"};
  what.fds = {{ends.second.get(), 3}, {root.get(), 4}};
  what.identity = settings_.stack_identity;
  if (what.identity) what.ambient_capabilities = {CAP_SYS_CHROOT};
  what.no_new_privs = true;
  what.network = empty_network_.get();
  TS_TRY_ASSIGN(pid_t pid, os::spawn(what));
  stacks_.push_back(pid);
  return Stack{pid, std::move(ends.first)};
}

void Children::end_all() {
  ending_ = true;
  for (auto& host : hosts_) {
    let_go(host);
    if (!host.kill_at) host.kill_at = net::Clock::now() + kHostGrace;
  }
  if (empty()) return handlers_.on_empty();
  tick_.start(kTick);
}

void Children::reap() {
  int status = 0;
  for (pid_t pid = 0; (pid = ::waitpid(-1, &status, WNOHANG)) > 0;) on_exit(pid, status);
  tick();
}

void Children::on_exit(pid_t pid, int wait_status) {
  if (std::erase(stacks_, pid) != 0) {
    if (WIFSIGNALED(wait_status) && !kill_stacks_at_) {
      log::warning("A stack died, its client was cut off pid={} signal={}", pid,
                   ::sigabbrev_np(WTERMSIG(wait_status)));
    }
    return;
  }
  for (auto& host : hosts_) {
    if (host.pid != pid) continue;
    host.pid = -1;
    host.wait_status = wait_status;
    log_end(host);
  }
}

void Children::log_end(const Host& host) const {
  if (WIFSIGNALED(host.wait_status)) {
    log::warning("The host of session {} was killed by signal {}, ending the session", host.id,
                 ::sigabbrev_np(WTERMSIG(host.wait_status)));
  } else if (WEXITSTATUS(host.wait_status) != 0) {
    log::warning("The host of session {} failed with exit status {}", host.id, WEXITSTATUS(host.wait_status));
  }
}

std::vector<pid_t> Children::living() const {
  std::vector<pid_t> out = stacks_;
  for (auto& host : hosts_) {
    if (host.pid > 0) out.push_back(host.pid);
    if (auto scanner = host.orphans ? host.orphans->scanner() : std::nullopt) out.push_back(*scanner);
  }
  return out;
}

void Children::let_go(Host& host) {
  session::HostDisplay told;
  if (host.lifeline && ::recv(host.lifeline.get(), &told, sizeof told, MSG_DONTWAIT) == sizeof told &&
      told.header.type == session::HostDisplay::kType) {
    host.display = told.number;
  }
  host.lifeline.reset();
}

bool Children::clear(Host& host) {
  if (!host.orphans) {
    let_go(host);
    host.cgroup = os::Cgroup::find(session::cgroup_name(host.id, host.first_pid));
    // Our own descendants beside hosts and stacks can only be orphans of dead hosts.
    host.orphans.emplace(
        ::getpid(),
        std::vector<std::string>{fmt::format("TS_SESSION_ID={}", host.id), "TS_SESSION_KEY=" + host.key},
        host.cgroup);
  }
  auto [left, nothing_left] = host.orphans->look(living());
  if (nothing_left) {
    if (host.cgroup) host.cgroup->remove();
    if (host.display >= 0) os::DisplayNumber::clear_after_death(host.display);
    return true;
  }
  if (!host.orphans_told) {
    host.orphans_told = true;
    host.kill_at = net::Clock::now() + kOrphanGrace;
    if (!left.empty()) host.orphans->signal(SIGTERM, living());
  } else if (net::Clock::now() >= *host.kill_at) {
    host.orphans->signal(SIGKILL, living());
  }
  return false;
}

void Children::tick() {
  auto now = net::Clock::now();
  bool waiting = ending_;
  for (auto at = hosts_.begin(); at != hosts_.end();) {
    auto host = at++;
    if (host->pid > 0) {
      if (!host->kill_at) continue;
      waiting = true;
      if (now >= *host->kill_at) ::kill(host->pid, SIGKILL);
    } else if (clear(*host)) {
      auto [id, status] = std::pair(host->id, host->wait_status);
      hosts_.erase(host);
      handlers_.on_host_ended(id, status);
    } else {
      waiting = true;
    }
  }
  if (ending_ && hosts_.empty()) {
    // Stacks end by themselves when their session has gone; the rest waits in vain for tsd.
    if (!kill_stacks_at_) kill_stacks_at_ = now + kStackGrace;
    for (pid_t pid : stacks_) {
      if (now >= *kill_stacks_at_) ::kill(pid, SIGKILL);
    }
    if (stacks_.empty()) return handlers_.on_empty();
  }
  if (waiting && !tick_.active()) tick_.start(kTick);
}

}  // namespace ts::spawn
