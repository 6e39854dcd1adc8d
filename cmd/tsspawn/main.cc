// tsspawn: the only root daemon, parent of all hosts and stacks. See server.h and children.h.
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "cmd/tsspawn/children.h"
#include "cmd/tsspawn/resource_limits.h"
#include "cmd/tsspawn/server.h"
#include "lib/base/log.h"
#include "lib/cli/program.h"
#include "lib/os/peer.h"
#include "lib/os/role_start.h"
#include "lib/os/service.h"
#include "lib/os/users.h"

namespace {

using ts::Result;
using ts::UniqueFd;

/// The supervisor's socket, else our own; only root and the two daemons can use it, whatever the mode.
Result<UniqueFd> listening_socket(const ts::config::Config& config) {
  for (auto& handed : ts::os::take_listen_fds()) {
    if (handed.name == "tsspawn") return std::move(handed.fd);
  }
  return ts::net::listen_unix(config.layout.spawn_socket(), ts::net::SocketKind::kPacket,
                              ::geteuid() == 0 ? 0666 : 0600);
}

Result<ts::spawn::Callers> permitted_callers() {
  if (::geteuid() != 0) return ts::spawn::Callers{::geteuid(), ::geteuid(), ::geteuid()};
  ts::spawn::Callers callers;
  TS_TRY_ASSIGN(callers.session_manager, ts::os::uid_of_user("tssession"));
  TS_TRY_ASSIGN(callers.listener, ts::os::uid_of_user("tsd"));
  return callers;
}

Result<ts::spawn::Children::Settings> settings_from(const ts::cli::Context& context) {
  ts::spawn::Children::Settings settings;
  settings.config = context.config;
  settings.forwarded = context.forwarded;
  if (::geteuid() == 0) {
    TS_TRY_ASSIGN(auto user, ts::os::user_by_name("tsstack"));
    settings.stack_identity = ts::os::Identity{user.uid, user.gid, {}};
  }
  return settings;
}

Result<> serve(const ts::cli::Context& context) {
  if (::geteuid() != 0 && context.config.sessions.isolation == ts::config::Isolation::kPrivate) {
    return ts::fail(
        ts::ErrorCode::kConfig,
        "sessions.isolation is 'private', which only root can do: set it to shared, or run as root");
  }
  TS_TRY(ts::os::prepare_empty_root(context.config.layout));
  TS_TRY_ASSIGN(auto listening, listening_socket(context.config));
  TS_TRY_ASSIGN(auto callers, permitted_callers());
  TS_TRY_ASSIGN(auto settings, settings_from(context));
  // Orphans of a host that was killed become our children, so that they are found.
  if (::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0)
    return ts::fail_errno("becoming the sessions' reaper");
  ::signal(SIGHUP, SIG_IGN);

  ts::spawn::prepare_resource_limits(context.config.limits);
  ts::net::Loop loop;
  std::unique_ptr<ts::spawn::Server> server;
  ts::spawn::Children children(
      loop, std::move(settings),
      {[&](ts::session::SessionId id, int status) { server->host_ended(id, status); }, [&] { loop.stop(); }});
  server = std::make_unique<ts::spawn::Server>(loop, std::move(listening), callers, children);
  auto end = [&] {
    server->close();
    children.end_all();
  };
  ts::net::SignalWatcher on_term(loop, SIGTERM, end);
  ts::net::SignalWatcher on_interrupt(loop, SIGINT, end);
  ts::os::notify_ready();
  loop.run();
  return {};
}

int run(const ts::cli::Context& context) {
  if (auto served = serve(context); !served) {
    ts::log::error("tsspawn cannot serve: {}", served.error().message);
    return ts::cli::exit_code_of(served.error());
  }
  return ts::cli::kDone;
}

}  // namespace

int main(int argc, char** argv) {
  ts::cli::Program program;
  program.name = "tsspawn";
  program.summary =
      "Starts the hosts of sessions and the stacks of connections; the only daemon that is root.";
  program.page = "tsspawn(8)";
  program.root.run = run;
  return ts::cli::run_program(program, argc, argv);
}
