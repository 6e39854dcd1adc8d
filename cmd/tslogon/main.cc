// tslogon: the logon screen of a session that nobody has logged on to yet (screen.h). Started by tshost under
// the session's display uid with the logon socket (lib/session/logon_messages.h) as descriptor 3.
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include "cmd/tslogon/screen.h"
#include "lib/base/log.h"
#include "lib/cli/program.h"

namespace {

constexpr int kHostFd = 3;

bool is_packet_socket(int fd) {
  int type = 0;
  socklen_t size = sizeof type;
  return ::getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_SEQPACKET;
}

void guard_memory() {
  // Passwords pass through here: no core dump, and no look inside by another process of the same uid.
  ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  // Pictures go back to the system at once: an idle screen keeps none.
  constexpr int kLargeBlock = 64 * 1024;
  ::mallopt(M_MMAP_THRESHOLD, kLargeBlock);
  ::mallopt(M_TRIM_THRESHOLD, kLargeBlock);
}

int serve(const ts::cli::Context& context) {
  if (!is_packet_socket(kHostFd)) {
    return ts::cli::report("tslogon", {ts::ErrorCode::kUsage,
                                       "descriptor 3 is not a logon socket: tslogon is started by tshost"});
  }
  ::fcntl(kHostFd, F_SETFD, FD_CLOEXEC);
  guard_memory();
  int status = ts::cli::kDone;
  ts::net::Loop loop;
  {
    ts::net::SignalWatcher term(loop, SIGTERM, [&] { loop.stop(); });
    ts::net::SignalWatcher interrupt(loop, SIGINT, [&] { loop.stop(); });
    ts::logon::Screen screen(loop, ts::UniqueFd(kHostFd), context.config.logon,
                             [&](const std::string& reason) {
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
  program.name = "tslogon";
  program.summary = "Show the logon screen of one session (started by tshost)";
  program.page = "tslogon(8)";
  program.root.run = serve;
  return ts::cli::run_program(program, argc, argv);
}
