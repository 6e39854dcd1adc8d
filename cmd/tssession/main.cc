// tssession: the session manager. See tssession(8) and manager.h.
#include <signal.h>
#include <unistd.h>

#include <filesystem>

#include "cmd/tssession/manager.h"
#include "lib/base/log.h"
#include "lib/cli/program.h"
#include "lib/net/sockets.h"
#include "lib/os/role_start.h"
#include "lib/os/service.h"

namespace {

using namespace ts;

/// Sockets that a supervisor holds for us, so that nobody notices a restart; else our own.
class OwnedSockets {
 public:
  Result<tssession::Sockets> open(const Layout& layout) {
    tssession::Sockets out;
    for (auto& given : os::take_listen_fds()) {
      if (given.name == "tssession") out.varlink = std::move(given.fd);
      if (given.name == "hosts") out.hosts = std::move(given.fd);
    }
    if (!out.varlink || !out.hosts) TS_TRY(os::prepare_runtime(layout));
    if (!out.varlink) {
      TS_TRY_ASSIGN(out.varlink, bind(layout.session_socket(), net::SocketKind::kStream, 0666));
    }
    if (!out.hosts) {
      TS_TRY_ASSIGN(out.hosts, bind(layout.hosts_socket(), net::SocketKind::kPacket, 0600));
    }
    return out;
  }
  ~OwnedSockets() {
    std::error_code ignored;
    for (const auto& path : bound_) std::filesystem::remove(path, ignored);
  }

 private:
  Result<UniqueFd> bind(const std::filesystem::path& path, net::SocketKind kind, unsigned mode) {
    TS_TRY_ASSIGN(auto fd, net::listen_unix(path, kind, mode));
    bound_.push_back(path);
    return fd;
  }
  std::vector<std::filesystem::path> bound_;
};

Result<> serve(const config::Config& config) {
  os::raise_descriptor_limit();
  OwnedSockets owned;
  net::Loop loop;
  Result<> outcome;
  net::SignalWatcher terminate(loop, SIGTERM, [&] { loop.stop(); });
  net::SignalWatcher interrupt(loop, SIGINT, [&] { loop.stop(); });
  TS_TRY_ASSIGN(auto sockets, owned.open(config.layout));
  os::prepare_events(config.layout, "tssession");
  TS_TRY(os::become_account("tssession"));
  events::EventLog log(config.layout.events_of("tssession"), "tssession",
                       {config.events.max_size, config.events.keep});
  tssession::Manager::Handlers handlers{.on_ready =
                                            [&] {
                                              os::notify_ready();
                                              log.write({.kind = events::Kind::kRoleStarted});
                                            },
                                        .on_failed =
                                            [&](const Error& error) {
                                              outcome = pass(error);
                                              loop.stop();
                                            }};
  TS_TRY_ASSIGN(auto manager,
                tssession::Manager::start(loop, config, log, std::move(sockets), std::move(handlers)));
  loop.run();
  if (outcome) log.write({.kind = events::Kind::kRoleStopped});
  // Sessions live on: their hosts come back to the next one of us.
  return outcome;
}

int run(const cli::Context& context) {
  if (auto served = serve(context.config); !served) return cli::report("tssession", served.error());
  return cli::kDone;
}

}  // namespace

int main(int argc, char** argv) {
  cli::Program program{.name = "tssession",
                       .summary = "Keeps sessions ready and brings each user to theirs.",
                       .page = "tssession(8)",
                       .root = {.run = run}};
  return cli::run_program(program, argc, argv);
}
