// tsmessage: shows messages in a session (boxes.h). Started by tsuserinit as the session's user, with the
// socket of lib/session/message_box.h as descriptor 3, whose other end is tshost's.
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>

#include "cmd/tsmessage/boxes.h"
#include "lib/base/log.h"
#include "lib/cli/program.h"

namespace {

constexpr int kHostFd = 3;

bool is_packet_socket(int fd) {
  int type = 0;
  socklen_t size = sizeof type;
  return ::getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_SEQPACKET;
}

int serve(const ts::cli::Context&) {
  if (!is_packet_socket(kHostFd)) {
    return ts::cli::report(
        "tsmessage",
        {ts::ErrorCode::kUsage, "descriptor 3 is not a host's socket: 'tsctl message' has it started"});
  }
  ::fcntl(kHostFd, F_SETFD, FD_CLOEXEC);
  int status = ts::cli::kDone;
  ts::net::Loop loop;
  {
    ts::net::SignalWatcher term(loop, SIGTERM, [&] { loop.stop(); });
    ts::net::SignalWatcher interrupt(loop, SIGINT, [&] { loop.stop(); });
    ts::message::Boxes boxes(loop, ts::UniqueFd(kHostFd), [&](const std::string& reason) {
      if (!reason.empty()) {
        ts::log::error("Ending: {}", reason);
        status = ts::cli::kFailed;
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
  program.name = "tsmessage";
  program.summary = "Show messages in a session. Started by its tsuserinit, not by hand.";
  program.page = "tsmessage(8)";
  program.configured = false;
  program.root.run = serve;
  program.root.needs_config = false;
  return ts::cli::run_program(program, argc, argv);
}
