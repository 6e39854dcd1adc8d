#include "lib/os/room.h"

#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

#include "lib/os/room_keeper.h"

namespace ts::os {
namespace {

constexpr const char* kInstead = "or set sessions.isolation to shared";

/// By RoomStep.
constexpr std::array<const char*, 8> kSteps{
    "it cannot have a mount namespace",     "the socket of its X server cannot be found",
    "its /tmp cannot be mounted",           "its X server's socket cannot be put into its /tmp",
    "its /dev/shm cannot be mounted",       "its /dev/pts cannot be mounted",
    "its runtime folder cannot be mounted", "its /proc cannot be mounted"};
static_assert(kSteps.size() == static_cast<std::size_t>(RoomStep::kDone));

Unexpected not_made(const RoomReport& report) {
  if (report.step < RoomStep::kMounts || report.step >= RoomStep::kDone)
    return fail(ErrorCode::kSystem, "the session gets no room of its own: its first process ended early");
  const char* what = kSteps[static_cast<std::size_t>(report.step)];
  const bool limited = report.error_number == ENOSPC && report.step == RoomStep::kMounts;
  return fail_errno(
      fmt::format("the session gets no room of its own, {}: {}, {}", what,
                  limited ? "raise the sysctl user.max_mnt_namespaces" : "allow mounts (CAP_SYS_ADMIN) here",
                  kInstead),
      report.error_number);
}

/// Of the group that terminals belong to; -1: there is none.
long terminal_group() {
  std::array<char, 16384> buffer{};
  group entry{}, *found = nullptr;
  if (::getgrnam_r("tty", &entry, buffer.data(), buffer.size(), &found) != 0 || found == nullptr) return -1;
  return entry.gr_gid;
}

/// fork() with a PID namespace for the child. (glibc's fork cannot, and a changed namespace for all later
/// children would be that of the account's PAM modules, too.)
pid_t fork_into_namespace() {
  return static_cast<pid_t>(::syscall(SYS_clone, CLONE_NEWPID | SIGCHLD, nullptr, nullptr, nullptr, 0UL));
}

}  // namespace

Result<Room> Room::open(const Plan& plan) {
  if (::geteuid() != 0)
    return fail(ErrorCode::kRefused,
                "only root gives sessions rooms of their own: set sessions.isolation to shared");
  UniqueFd host(static_cast<int>(::syscall(SYS_pidfd_open, plan.host, 0U)));
  if (!host) return fail_errno("finding the session's host");
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return fail_errno("pipe");
  UniqueFd read_end(ends[0]), write_end(ends[1]);

  // All that the keeper needs, which may not allocate any more.
  KeeperPlan keeper;
  const std::string x_name = fmt::format("/tmp/.X11-unix/X{}", plan.display);
  const std::string runtime = plan.runtime.string(), folder = plan.folder.filename().string();
  const std::string uid = std::to_string(plan.uid), gid = std::to_string(plan.gid);
  const long tty = terminal_group();
  const std::string terminals =
      fmt::format("mode=620,ptmxmode=666{}", tty < 0 ? "" : fmt::format(",gid={}", tty));
  keeper = {x_name.c_str(), runtime.c_str(),   folder.c_str(), uid.c_str(),    gid.c_str(),
            plan.uid,       terminals.c_str(), host.get(),     write_end.get()};

  sigset_t all, before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  const pid_t pid = fork_into_namespace();
  const int fork_error = errno;
  if (pid == 0) keep_room(keeper);
  UniqueFd handle(pid > 0 ? static_cast<int>(::syscall(SYS_pidfd_open, pid, 0U)) : -1);
  const int open_error = errno;
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (pid < 0) {
    return fail_errno(
        fmt::format("the session gets no room of its own, it cannot have a PID namespace: {}, {}",
                    fork_error == ENOSPC ? "raise the sysctl user.max_pid_namespaces"
                                         : "allow namespaces (CAP_SYS_ADMIN) here",
                    kInstead),
        fork_error);
  }
  write_end.reset();
  RoomReport report;
  ssize_t size = 0;
  while ((size = ::read(read_end.get(), &report, sizeof report)) < 0 && errno == EINTR) {
  }
  if (handle && size == sizeof report && report.step == RoomStep::kDone) return Room(pid, std::move(handle));
  ::kill(pid, SIGKILL);
  while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
  }
  if (!handle) return fail_errno("pidfd_open", open_error);
  if (size != sizeof report) report = {};
  return not_made(report);
}

}  // namespace ts::os
