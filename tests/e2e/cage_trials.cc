#include "tests/e2e/cage_trials.h"

#include <sched.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "cmd/tsstack/cage.h"
#include "tests/e2e/cage_walls.h"

namespace cage {
namespace {

constexpr int kNoCage = 250;

[[noreturn]] void attempt(Where where, const Trial& trial) {
  if (where == Where::kCaged && !ts::stack::enter_cage()) ::_exit(kNoCage);
  // What root changes is not to be seen outside of this process.
  if (where == Where::kFree && (::unshare(CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS) != 0 ||
                                ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0))
    ::_exit(kNoCage);
  errno = 0;
  long result = trial.attempt();
  ::_exit(result < 0 ? errno : 0);
}

std::string outcome(Where where, const Trial& trial) {
  pid_t pid = ::fork();
  if (pid == 0) attempt(where, trial);
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFSIGNALED(status)) return std::string("SIG") + ::sigabbrev_np(WTERMSIG(status));
  int code = WEXITSTATUS(status);
  if (code == 0) return kDone;
  const char* name = ::strerrorname_np(code);
  return name ? name : "no cage";
}

}  // namespace

void run_trials(Where where, const Targets& targets, int client,
                const std::function<void(const std::string&)>& print) {
  Held held;
  held.stack = static_cast<int>(::syscall(SYS_pidfd_open, targets.stack, 0));
  held.client = client;
  (void)::unlockpt(held.terminal);
  for (const auto& group :
       {files(targets, held), sockets(targets, held), processes(targets, held), kernel()}) {
    for (const auto& trial : group) {
      std::string line = outcome(where, trial), wanted = line;
      if (where == Where::kCaged) wanted = trial.caged;
      if (where == Where::kFree && *trial.free != 0) wanted = trial.free;
      if (line != wanted) line += " (wanted " + wanted + ")";
      print(std::string(trial.name) + ": " + line);
    }
  }
}

}  // namespace cage
