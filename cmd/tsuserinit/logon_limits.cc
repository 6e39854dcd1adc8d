#include "cmd/tsuserinit/logon_limits.h"

#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "lib/base/log.h"
#include "lib/os/cgroup.h"
#include "lib/os/spawn.h"

namespace ts::userinit {
namespace {

constexpr const char* kSystemctl = "/usr/bin/systemctl";

/// [systemd.resource-control(5)]
void add(std::vector<std::string>& arguments, const char* property, std::uint64_t value) {
  if (value != 0) arguments.push_back(fmt::format("{}={}", property, value));
}

}  // namespace

void limit_logon(const session::Resources& resources) {
  const auto group = os::Cgroup::of_logon(::getpid(), ::getppid());
  if (!group) return;
  os::Spawn what;
  what.program = kSystemctl;
  what.arguments = {"set-property", "--runtime", "--no-ask-password", group->folder().filename().string()};
  const auto fixed = what.arguments.size();
  add(what.arguments, "MemoryMax", resources.memory);
  add(what.arguments, "CPUWeight", resources.cpu_weight);
  add(what.arguments, "TasksMax", resources.tasks);
  if (what.arguments.size() == fixed) return;
  auto pid = os::spawn(what);
  if (!pid) return log::warning("Ignoring the limits of a session: {}", pid.error().message);
  int status = 0;
  while (::waitpid(*pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (status != 0)
    log::warning("Ignoring the limits of a session: systemctl did not take them for '{}'",
                 group->folder().filename().string());
}

}  // namespace ts::userinit
