// tsstack: one RDP connection in a cage. Started ahead by tsspawn, waits for its client on descriptor 3
// (control.h) and serves it; descriptor 4 is the empty folder that becomes its root. See tsstack(8).
#include <fcntl.h>
#include <unistd.h>

#include "cmd/tsstack/cage.h"
#include "cmd/tsstack/connection.h"
#include "lib/base/log.h"
#include "lib/cli/program.h"

namespace {

using namespace ts;

/// All of TLS that can be made before there is a client.
Result<std::unique_ptr<net::TlsSession>> make_tls(stack::Control& control) {
  TS_TRY_ASSIGN(auto certificate, control.wait_for_certificate());
  net::TlsOptions options;
  options.certificate_pem = std::move(certificate.pem);
  options.sign = [&control](net::KeyOperation operation, ByteView input) {
    return control.sign(operation, input);
  };
  if (certificate.key_log) {
    // Shared, because a std::function is copied.
    options.key_log =
        [file = std::make_shared<UniqueFd>(std::move(certificate.key_log))](const std::string& line) {
          std::string text = line + "\n";
          if (::write(file->get(), text.data(), text.size()) < 0)
            log::warning("The TLS key log could not be written");
        };
  }
  return net::TlsSession::create(std::move(options));
}

Result<> serve_client(stack::Control& control) {
  TS_TRY_ASSIGN(auto tls, make_tls(control));
  TS_TRY_ASSIGN(auto client, control.wait_for_client());
  net::Loop loop;
  stack::Connection connection(loop, control, std::move(client), std::move(tls), [&] { loop.stop(); });
  loop.run();
  return {};
}

Result<> serve() {
  if (::fcntl(stack::kControlFd, F_GETFD) < 0)
    return fail(ErrorCode::kUsage,
                "there is no control socket on descriptor 3: tsstack is started by tsspawn");
  ::fcntl(stack::kControlFd, F_SETFD, FD_CLOEXEC);
  stack::Control control{UniqueFd(stack::kControlFd)};
  net::prepare_tls();
  TS_TRY(stack::enter_cage());
  auto served = serve_client(control);
  // tsd ended while we waited: nobody lost anything.
  if (!served && served.error().code == ErrorCode::kUnavailable) return {};
  return served;
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
