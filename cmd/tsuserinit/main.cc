// tsuserinit: the parent of a user's shell. Started by tshost, whose socket is descriptor 3.
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include "cmd/tsuserinit/userinit.h"
#include "lib/base/log.h"
#include "lib/cli/program.h"

namespace {

constexpr int kSocket = 3;

int run(const ts::cli::Context& context) {
  if (::fcntl(kSocket, F_SETFD, FD_CLOEXEC) != 0) {
    return ts::cli::report(
        "tsuserinit", {ts::ErrorCode::kUsage, "descriptor 3 is not open: tsuserinit is started by tshost"});
  }
  // A password passes through: no core file, and no reading by other processes of the same user.
  ::prctl(PR_SET_DUMPABLE, 0);
  ::umask(022);
  ::signal(SIGHUP, SIG_IGN);
  ts::net::Loop loop;
  {
    ts::userinit::Userinit userinit(loop, context.config, ts::UniqueFd(kSocket));
    loop.run();
  }
  return ts::cli::kDone;
}

}  // namespace

int main(int argc, char** argv) {
  ts::cli::Program program;
  program.name = "tsuserinit";
  program.summary = "Holds one account's logon and starts its shell. Started by tshost, not by hand.";
  program.page = "tsuserinit(8)";
  program.root.run = run;
  return ts::cli::run_program(program, argc, argv);
}
