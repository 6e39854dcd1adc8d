// tsctl rdpfile: an .rdp file for this server, and its certificate's fingerprint to compare with what a
// client shows.
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <sstream>

#include "cmd/tsctl/commands.h"
#include "cmd/tsctl/folders.h"
#include "cmd/tsctl/rdp_file.h"
#include "lib/cli/server_client.h"
#include "lib/net/certificate.h"
#include "lib/net/dial.h"

namespace ts::tsctl {
namespace {

struct Arguments {
  std::string address, user, size, program, file;
};

/// The service itself knows its port. Else what the configuration says.
std::string listening_address(const cli::Context& context) {
  auto client = cli::ServerClient::connect(context);
  auto addresses = client ? client->listening() : Result<std::vector<std::string>>(pass(client.error()));
  if (addresses && !addresses->empty()) return addresses->front();
  const auto& configured = context.config.listener.address;
  return configured.empty() ? "" : configured.front();
}

/// As others dial it: this machine's name where the listener takes every address.
Result<std::string> own_address(const cli::Context& context) {
  auto listening = listening_address(context);
  if (listening.ends_with(":0")) {
    return fail(ErrorCode::kUsage,
                "the port is chosen when the service starts, which is not running here: start it, or name "
                "the port with --address HOST:PORT");
  }
  TS_TRY_ASSIGN(auto address, net::parse_host_port(listening, "3389"));
  if (address.host == "0.0.0.0" || address.host == "::") {
    char name[256] = {};
    if (::gethostname(name, sizeof name - 1) != 0) return fail_errno("asking for this machine's name");
    address.host = name;
  }
  bool colons = address.host.find(':') != std::string::npos;
  return fmt::format(fmt::runtime(colons ? "[{}]:{}" : "{}:{}"), address.host, address.port);
}

Result<std::string> given_address(const std::string& text) {
  TS_TRY(net::parse_host_port(text, "3389"));
  return text;
}

/// Only root may read the certificate that the listener made for itself.
std::string fingerprint(const config::Config& config) {
  auto file = config.listener.certificate;
  if (file.empty()) file = config.layout.listener_pki() / "cert.pem";
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  if (!in || !(text << in.rdbuf())) return "";
  auto found = net::certificate_fingerprint(text.str());
  return found ? *found : "";
}

Result<> write(const cli::Context& context, const Arguments& arguments) {
  RdpFile file{.user = arguments.user, .program = arguments.program};
  if (!arguments.size.empty()) TS_TRY(read_size(arguments.size, file));
  TS_TRY_ASSIGN(file.address,
                arguments.address.empty() ? own_address(context) : given_address(arguments.address));
  TS_TRY_ASSIGN(auto text, rdp_file_text(file));
  if (arguments.file.empty() || arguments.file == "-")
    (void)std::fwrite(text.data(), 1, text.size(), stdout);  // a failure is told at the end of every program
  else
    TS_TRY(write_file(arguments.file, text, 0644));
  if (auto print = fingerprint(context.config); !print.empty())
    fmt::print(stderr, "The certificate's SHA-256 fingerprint is {}\n", print);
  return {};
}

}  // namespace

cli::Command rdpfile_command() {
  static Arguments arguments;
  cli::Command command{.name = "rdpfile", .summary = "Write an .rdp file that clients connect here with."};
  command.options = {{"--address", "HOST[:PORT]", "as clients reach it [this machine, the listener's port]",
                      &arguments.address},
                     {"--user", "USER", "who logs on [the client asks]", &arguments.user},
                     {"--session-size", "WxH", "size of the desktop [full screen]", &arguments.size},
                     {"--program", "COMMAND", "run this alone instead of the desktop", &arguments.program}};
  command.positionals = {{"FILE", "", "where to [standard output]", &arguments.file}};
  command.run = [](const cli::Context& context) -> int {
    auto done = write(context, arguments);
    return done ? cli::kDone : cli::report("tsctl", done.error());
  };
  return command;
}

}  // namespace ts::tsctl
