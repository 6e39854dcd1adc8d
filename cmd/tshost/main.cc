// tshost: the host of one session. Started by tsspawn, which holds the other end of descriptor 3: when that
// closes, the session ends.
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cstdlib>

#include "cmd/tshost/session_host.h"
#include "lib/base/log.h"
#include "lib/base/random.h"
#include "lib/cli/program.h"

namespace {

constexpr int kLifeline = 3;

/// Session-wide settings of this process, before anything is started.
ts::Result<> prepare() {
  if (::fcntl(kLifeline, F_SETFD, FD_CLOEXEC) != 0) {
    return ts::fail(ts::ErrorCode::kUsage,
                    "descriptor 3 (the lifeline) is not open: tshost is started by tsspawn");
  }
  // What a program of the session leaves behind becomes our child, so that the session's end finds it.
  if (::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0)
    return ts::fail_errno("becoming the session's reaper");
  // System V shared memory and semaphores of one session are not another's.
  if (::geteuid() == 0 && ::unshare(CLONE_NEWIPC) != 0) return ts::fail_errno("opening an IPC namespace");
  ::signal(SIGHUP, SIG_IGN);
  return {};
}

int run(int session, const ts::cli::Context& context) {
  if (session < 0)
    return ts::cli::report("tshost", {ts::ErrorCode::kUsage, "--session wants a number from 0 on"});
  if (auto prepared = prepare(); !prepared) return ts::cli::report("tshost", prepared.error());
  ts::host::HostOptions options;
  options.id = static_cast<ts::session::SessionId>(session);
  options.config = context.config;
  options.forwarded = context.forwarded;
  options.lifeline.reset(kLifeline);
  const char* key = std::getenv("TS_SESSION_KEY");
  options.key = key && *key ? key : ts::random_password(16);

  ts::net::Loop loop;
  ts::host::SessionHost host(loop, std::move(options));
  if (auto started = host.start(); !started) {
    ts::log::error("Session {} cannot start: {}", session, started.error().message);
    return ts::cli::kFailed;
  }
  loop.run();
  return host.clean() ? ts::cli::kDone : ts::cli::kFailed;
}

}  // namespace

int main(int argc, char** argv) {
  int session = -1;
  ts::cli::Program program;
  program.name = "tshost";
  program.summary = "Hosts one session. Started by tsspawn, not by hand.";
  program.page = "tshost(8)";
  program.root.options = {{"--session", "ID", "SessionID of the session", &session, true}};
  program.root.run = [&](const ts::cli::Context& context) { return run(session, context); };
  return ts::cli::run_program(program, argc, argv);
}
