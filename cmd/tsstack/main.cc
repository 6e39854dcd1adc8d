// tsstack: one RDP connection in a cage. Started ahead by tsspawn, waits for its client on descriptor 3
// (control.h) and serves it; descriptor 4 is the empty folder that becomes its root. See tsstack(8).
#include <fcntl.h>

#include "cmd/tsstack/connection.h"
#include "lib/base/log.h"
#include "lib/cli/program.h"
#include "lib/os/sandbox.h"

namespace {

using namespace ts;

constexpr int kControlFd = 3;
constexpr int kEmptyRootFd = 4;
constexpr std::size_t kMemoryLimit = std::size_t{2}
                                     << 30;  // address space: maps a framebuffer of up to 1 GiB

Result<> serve() {
  if (::fcntl(kControlFd, F_GETFD) < 0)
    return fail(ErrorCode::kUsage,
                "there is no control socket on descriptor 3: tsstack is started by tsspawn");
  ::fcntl(kControlFd, F_SETFD, FD_CLOEXEC);
  stack::Control control{UniqueFd(kControlFd)};
  net::prepare_tls();
  bool have_root = ::fcntl(kEmptyRootFd, F_GETFD) >= 0;
  TS_TRY(os::enter_sandbox({.empty_root_fd = have_root ? kEmptyRootFd : -1, .memory_limit = kMemoryLimit}));
  if (have_root) ::close(kEmptyRootFd);
  auto client = control.wait_for_client();
  if (!client) {
    if (client.error().code == ErrorCode::kUnavailable)
      return {};  // tsd ended while we waited: nobody lost anything
    return pass(client.error());
  }
  net::Loop loop;
  stack::Connection connection(loop, control, std::move(*client), [&] { loop.stop(); });
  loop.run();
  return {};
}

int run(const cli::Context&) {
  if (auto served = serve(); !served) return cli::report("tsstack", served.error());
  return cli::kDone;
}

}  // namespace

int main(int argc, char** argv) {
  cli::Program program{.name = "tsstack",
                       .summary = "Serves one RDP client; started by tsspawn, not by hand.",
                       .page = "tsstack(8)",
                       .root = {.run = run}};
  return cli::run_program(program, argc, argv);
}
