// tsctl up: the whole service as children of one foreground process, until it is told to end.
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "cmd/tsctl/accounts.h"
#include "cmd/tsctl/commands.h"
#include "cmd/tsctl/folders.h"
#include "cmd/tsctl/predecessor.h"
#include "cmd/tsctl/role_output.h"
#include "cmd/tsctl/supervisor.h"
#include "cmd/tsctl/up_files.h"
#include "lib/account/account_file.h"
#include "lib/base/log.h"
#include "lib/base/random.h"
#include "lib/events/event_log.h"

namespace ts::tsctl {
namespace {

constexpr std::size_t kPasswordLength = 16;

/// What the first client connects with.
struct Welcome {
  std::string address;
  std::string user;
  std::string password;
};

bool in_path(const char* program) {
  const char* variable = std::getenv("PATH");
  std::string path = variable ? variable : "/usr/bin:/bin";
  for (std::size_t at = 0; at <= path.size();) {
    auto end = std::min(path.find(':', at), path.size());
    if (::access((path.substr(at, end - at) + "/" + program).c_str(), X_OK) == 0) return true;
    at = end + 1;
  }
  return false;
}

/// What cannot work is refused before anything is made.
Result<> check_environment(const config::Config& config) {
  if (::geteuid() != 0 && config.accounts.backend == config::AccountBackend::kPam) {
    return fail(ErrorCode::kConfig,
                "accounts.backend is 'pam', which only root can use; take --set accounts.backend=file, or "
                "run as root");
  }
  if (::geteuid() != 0 && config.sessions.isolation == config::Isolation::kPrivate) {
    return fail(
        ErrorCode::kConfig,
        "sessions.isolation is 'private', which only root can do; take --set sessions.isolation=shared, "
        "or run as root");
  }
  if (!in_path("Xvfb")) {
    return fail(ErrorCode::kRefused,
                "the display server Xvfb is missing; install it with 'make deps' or "
                "'apt-get install xvfb'");
  }
  return check_socket_paths(config.layout);
}

/// PATH and what says which language and time zone this is; nothing else of the caller's shell reaches a
/// daemon.
std::vector<std::string> role_environment() {
  std::vector<std::string> out;
  const char* path = std::getenv("PATH");
  bool own_path = ::geteuid() != 0 && path;
  out.push_back(own_path ? fmt::format("PATH={}", path)
                         : "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
  for (const char* name : {"LANG", "LC_ALL", "LC_CTYPE", "LC_MESSAGES", "TZ"}) {
    if (const char* value = std::getenv(name)) out.push_back(fmt::format("{}={}", name, value));
  }
  return out;
}

void print_welcome(const Welcome& welcome, bool as_json) {
  if (as_json) {
    nlohmann::ordered_json line{{"ready", true},
                                {"address", welcome.address},
                                {"user", welcome.user},
                                {"password", welcome.password}};
    fmt::print("{}\n", line.dump());
  } else {
    fmt::print(
        "Terminal services are ready on {0}. Connect as '{1}' with:\n\n"
        "  xfreerdp /v:{0} /u:{1} /p:{2} /cert:ignore\n\n"
        "The password is good until this ends. Ctrl-C ends it and all sessions.\n",
        welcome.address, welcome.user, welcome.password);
  }
  std::fflush(stdout);
}

/// The password is only ever stored as its hash, and for as long as RUNTIME is ours.
Result<Welcome> make_welcome(const Layout& layout, const std::vector<ListeningSocket>& sockets) {
  Welcome welcome;
  welcome.address = dialled_address(sockets);
  TS_TRY_ASSIGN(welcome.user, first_user());
  welcome.password = random_password(kPasswordLength);
  TS_TRY(account::AccountFile(layout.up_passwd()).set_password(welcome.user, welcome.password));
  return welcome;
}

sigset_t ending_signals() {
  sigset_t signals;
  ::sigemptyset(&signals);
  for (int number : {SIGINT, SIGTERM, SIGHUP}) ::sigaddset(&signals, number);
  return signals;
}

/// Runs until a signal or a role that cannot start.
Result<> serve(const config::Config& config, const Supervisor::Options& options,
               std::vector<ListeningSocket> sockets, const Welcome& welcome, bool as_json,
               RuntimeFolder& runtime) {
  net::Loop loop;
  Result<> outcome;
  std::unique_ptr<Supervisor> supervisor;
  events::EventLog log(config.layout.events_of(kSupervisorLog), kSupervisorLog,
                       {config.events.max_size, config.events.keep});
  Supervisor::Handlers handlers{
      .on_ready =
          [&] {
            log.write({.kind = events::Kind::kServiceStarted, .address = welcome.address});
            print_welcome(welcome, as_json);
          },
      .on_failed =
          [&](const Error& error) {
            outcome = pass(error);
            supervisor->stop();
          },
      .on_stopped =
          [&](bool sessions_go_on) {
            runtime.set_in_use(sessions_go_on);
            loop.stop();
          },
      .on_restarted =
          [&](std::string_view role, const std::string& reason) {
            log.write({.kind = events::Kind::kRoleRestarted, .reason = reason, .daemon = std::string(role)});
          }};
  TS_TRY_ASSIGN(supervisor, Supervisor::start(loop, options, std::move(sockets), std::move(handlers)));
  auto end = [&] { supervisor->stop(); };
  net::SignalWatcher on_interrupt(loop, SIGINT, end);
  net::SignalWatcher on_terminate(loop, SIGTERM, end);
  net::SignalWatcher on_hangup(loop, SIGHUP, end);  // the terminal was closed
  auto signals = ending_signals();
  ::pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
  loop.run();
  supervisor.reset();
  log.write(
      {.kind = events::Kind::kServiceStopped, .reason = outcome ? "told to end" : outcome.error().message});
  return outcome;
}

Result<> bring_up(const config::Config& config, bool as_json) {
  TS_TRY(check_environment(config));
  if (::geteuid() == 0) TS_TRY(prepare_system_accounts());
  TS_TRY_ASSIGN(auto runtime, RuntimeFolder::take(config.layout));
  TS_TRY_ASSIGN(auto output, RoleOutput::open());  // forks: before there is a password
  runtime->set_in_use(true);                       // as far as we know
  TS_TRY_ASSIGN(auto left, take_over(config.layout, output.fd()));
  runtime->set_in_use(left.spawner != 0);
  TS_TRY(runtime->prepare(config.layout));
  TS_TRY(prepare_state(config.layout));
  TS_TRY(write_file(config_snapshot(config.layout.runtime), config::dump(config), 0644));
  TS_TRY_ASSIGN(auto sockets,
                open_listeners(config.layout, config.listener.address, std::move(left.listening)));
  TS_TRY_ASSIGN(auto welcome, make_welcome(config.layout, sockets));
  Supervisor::Options options{config.layout, config.sessions.end_timeout, role_environment(), output.fd(),
                              left.spawner};
  auto served = serve(config, options, std::move(sockets), welcome, as_json, *runtime);
  wipe(welcome.password);
  return served;
}

}  // namespace

cli::Command up_command() {
  static bool as_json = false;
  cli::Command command{.name = "up", .summary = "Run the whole service in the foreground until Ctrl-C."};
  command.options = {{"--json", "", "print one line when ready, and nothing else", &as_json}};
  command.run = [](const cli::Context& context) -> int {
    // A signal that comes while folders and sockets are being made waits until they can be taken away in
    // order.
    auto signals = ending_signals();
    ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    ::signal(SIGPIPE, SIG_IGN);
    auto done = bring_up(context.config, as_json);
    return done ? cli::kDone : cli::report("tsctl", done.error());
  };
  return command;
}

}  // namespace ts::tsctl
