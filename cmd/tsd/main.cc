// tsd: the RDP listener. See tsd(8) and listener.h.
#include <fcntl.h>
#include <signal.h>

#include "cmd/tsd/listener.h"
#include "lib/base/log.h"
#include "lib/cli/program.h"
#include "lib/os/role_start.h"
#include "lib/os/service.h"

namespace {

using namespace ts;

// Sockets that a supervisor holds for us, else our own.
Result<std::vector<UniqueFd>> listening_sockets(const config::Config& config) {
  std::vector<UniqueFd> out;
  for (auto& given : os::take_listen_fds())
    if (given.name == "rdp") out.push_back(std::move(given.fd));
  if (!out.empty()) return out;
  for (const auto& address : config.listener.address) {
    TS_TRY_ASSIGN(auto fd, net::listen_tcp(address));
    out.push_back(std::move(fd));
  }
  return out;
}

Result<UniqueFd> open_key_log(const std::filesystem::path& file) {
  if (file.empty()) return UniqueFd();
  UniqueFd fd(::open(file.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600));
  if (!fd) return fail_errno(fmt::format("cannot open listener.key_log '{}'", file.native()));
  log::warning("TLS keys are written to a file: whoever reads it can read the sessions file={}",
               file.native());
  return fd;
}

Result<> serve(const config::Config& config) {
  os::raise_descriptor_limit();  // each connection is two
  net::Loop loop;
  net::SignalWatcher terminate(loop, SIGTERM, [&] { loop.stop(); });
  net::SignalWatcher interrupt(loop, SIGINT, [&] { loop.stop(); });
  TS_TRY_ASSIGN(auto sockets, listening_sockets(config));
  TS_TRY(os::prepare_listener_pki(config.layout, "tsd"));
  os::prepare_events(config.layout, "tsd");
  TS_TRY(os::become_account("tsd"));
  TS_TRY_ASSIGN(auto certificate, tsd::load_certificate(config));
  TS_TRY_ASSIGN(auto key_log, open_key_log(config.listener.key_log));
  events::EventLog events(config.layout.events_of("tsd"), "tsd",
                          {config.events.max_size, config.events.keep});
  tsd::Listener listener(loop, config, events, std::move(certificate), std::move(key_log), std::move(sockets),
                         [&] {
                           os::notify_ready();
                           events.write({.kind = events::Kind::kRoleStarted});
                         });
  loop.run();
  events.write({.kind = events::Kind::kRoleStopped});
  return {};
}

int run(const cli::Context& context) {
  if (auto served = serve(context.config); !served) return cli::report("tsd", served.error());
  return cli::kDone;
}

}  // namespace

int main(int argc, char** argv) {
  cli::Program program{.name = "tsd",
                       .summary = "Listens for RDP clients and gives each to a stack of its own.",
                       .page = "tsd(8)",
                       .root = {.run = run}};
  return cli::run_program(program, argc, argv);
}
