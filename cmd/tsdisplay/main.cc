// tsdisplay: the remote half of one session's desktop: damage, pointer, size, input
// (lib/display/display_service.h). Started by tshost under the session's display uid with its control socket
// as descriptor 3 (lib/display/display_process.h). What it needs to know comes over that socket; it opens no
// file.
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>

#include "lib/base/log.h"
#include "lib/cli/program.h"
#include "lib/display/display_service.h"

namespace {

constexpr int kControlFd = 3;

bool is_packet_socket(int fd) {
  int type = 0;
  socklen_t size = sizeof type;
  return ::getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_SEQPACKET;
}

int serve() {
  if (!is_packet_socket(kControlFd)) {
    return ts::cli::report(
        "tsdisplay",
        {ts::ErrorCode::kUsage, "descriptor 3 is not a control socket: tsdisplay is started by tshost"});
  }
  ::fcntl(kControlFd, F_SETFD, FD_CLOEXEC);
  int status = static_cast<int>(ts::cli::ExitCode::kDone);
  ts::net::Loop loop;
  {
    ts::net::SignalWatcher term(loop, SIGTERM, [&] { loop.stop(); });
    ts::net::SignalWatcher interrupt(loop, SIGINT, [&] { loop.stop(); });
    ts::display::DisplayService service(loop, ts::UniqueFd(kControlFd), [&](const std::string& reason) {
      if (!reason.empty()) {
        ts::log::error("Ending: {}", reason);
        status = static_cast<int>(ts::cli::ExitCode::kFailed);
      }
      loop.stop();
    });
    loop.run();
  }
  return status;
}

}  // namespace

int main(int argc, char** argv) {
  ts::cli::Program program;
  program.name = "tsdisplay";
  program.summary = "Serve one session's desktop to attached stacks (started by tshost)";
  program.page = "tshost(8)";
  program.root.run = [](const ts::cli::Context&) { return serve(); };
  program.root.needs_config = false;
  return ts::cli::run_program(program, argc, argv);
}
