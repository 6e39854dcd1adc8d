#include "lib/os/room_keeper.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <ctime>

namespace ts::os {
namespace {

constexpr int kHost = 3, kReport = 4;  // descriptors of the keeper
/// How often it looks whether it is alone, once it is to go: not all that live in the room are its children.
constexpr timespec kLook{0, 20'000'000};

volatile sig_atomic_t leaving = 0;

void on_signal(int number) {
  if (number == SIGTERM) leaving = 1;
}

bool make_folder(const char* path, mode_t mode) {
  return ::mkdir(path, mode) == 0 && ::chmod(path, mode) == 0;
}

bool mount_memory(const char* where) {
  return ::mount("tmpfs", where, "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777") == 0;
}

/// By descriptors from the first step on: a folder that the user owns may be in a place that the user can
/// exchange for another.
bool mount_runtime(const KeeperPlan& plan) {
  const int runtime = ::open(plan.runtime, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  struct stat status {};
  if (runtime < 0 || ::fstat(runtime, &status) != 0) return false;
  if (status.st_uid != plan.uid || (status.st_mode & 077) != 0) {
    errno = EPERM;
    return false;
  }
  const int folder = ::openat(runtime, plan.folder, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (folder < 0) return false;
  const int files = ::fsopen("tmpfs", FSOPEN_CLOEXEC);
  if (files < 0 || ::fsconfig(files, FSCONFIG_SET_STRING, "mode", "0700", 0) != 0 ||
      ::fsconfig(files, FSCONFIG_SET_STRING, "uid", plan.uid_text, 0) != 0 ||
      ::fsconfig(files, FSCONFIG_SET_STRING, "gid", plan.gid_text, 0) != 0 ||
      ::fsconfig(files, FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) != 0)
    return false;
  const int mounted = ::fsmount(files, FSMOUNT_CLOEXEC, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV);
  if (mounted < 0 || ::mkdirat(mounted, plan.folder, 0700) != 0 ||
      ::move_mount(mounted, "", runtime, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) != 0)
    return false;
  // What is written there from outside is to be seen here.
  const int same = ::open_tree(folder, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH);
  return same >= 0 && ::move_mount(same, "", mounted, plan.folder, MOVE_MOUNT_F_EMPTY_PATH) == 0;
}

/// `socket`: from outside.
bool put_socket(const char* path, int socket) {
  if (!make_folder("/tmp/.X11-unix", 01777) || !make_folder("/tmp/.ICE-unix", 01777)) return false;
  const int place = ::open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (place < 0) return false;
  ::close(place);
  const int same = ::open_tree(socket, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH);
  return same >= 0 && ::move_mount(same, "", AT_FDCWD, path, MOVE_MOUNT_F_EMPTY_PATH) == 0;
}

RoomStep make_room(const KeeperPlan& plan) {
  if (::unshare(CLONE_NEWNS) != 0) return RoomStep::kMounts;
  // What is mounted here is not to be seen elsewhere; what is mounted elsewhere later, here as before.
  if (::mount("none", "/", nullptr, MS_REC | MS_SLAVE, nullptr) != 0) return RoomStep::kMounts;
  const int socket = ::open(plan.x_socket, O_PATH | O_NOFOLLOW | O_CLOEXEC);
  struct stat status {};
  if (socket < 0 || ::fstat(socket, &status) != 0) return RoomStep::kFindSocket;
  if (!S_ISSOCK(status.st_mode)) {
    errno = ENOTSOCK;
    return RoomStep::kFindSocket;
  }
  // Before /tmp is another: a runtime folder may lie there.
  if (!mount_runtime(plan)) return RoomStep::kRuntime;
  if (!mount_memory("/tmp")) return RoomStep::kTmp;
  if (!put_socket(plan.x_socket, socket)) return RoomStep::kSocket;
  // Systems without these have nothing there to be kept apart.
  if (::access("/dev/shm", F_OK) == 0 && !mount_memory("/dev/shm")) return RoomStep::kShm;
  if (::access("/dev/pts", F_OK) == 0 &&
      ::mount("devpts", "/dev/pts", "devpts", MS_NOSUID | MS_NOEXEC, plan.terminals) != 0)
    return RoomStep::kTerminals;
  if (::mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr) != 0)
    return RoomStep::kProc;
  return RoomStep::kDone;
}

/// Handlers of whoever forked us are not for us. Without one, process 1 is sent nothing but KILL.
void take_signals() {
  struct sigaction action {};
  action.sa_handler = SIG_DFL;
  for (int number = 1; number < NSIG; ++number) ::sigaction(number, &action, nullptr);
  action.sa_handler = on_signal;
  ::sigaction(SIGTERM, &action, nullptr);
  ::sigaction(SIGCHLD, &action, nullptr);
}

/// Nothing else of whoever forked us is to stay open: sockets whose closing says something are among it.
bool take_descriptors(const KeeperPlan& plan) {
  const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  const int host = ::fcntl(plan.host, F_DUPFD_CLOEXEC, kReport + 1);
  const int report = ::fcntl(plan.report, F_DUPFD_CLOEXEC, kReport + 1);
  if (null < 0 || host < 0 || report < 0) return false;
  for (int number = 0; number < 3; ++number)
    if (::dup2(null, number) < 0) return false;
  return ::dup2(host, kHost) == kHost && ::dup2(report, kReport) == kReport &&
         ::syscall(SYS_close_range, kReport + 1U, ~0U, 0U) == 0;
}

[[noreturn]] void keep() {
  sigset_t none;
  ::sigemptyset(&none);
  for (;;) {
    while (::waitpid(-1, nullptr, WNOHANG) > 0) {
    }
    if (leaving != 0 && ::kill(-1, 0) != 0 && errno == ESRCH) ::_exit(0);
    pollfd host{kHost, POLLIN, 0};
    // Signals come in here only.
    if (::ppoll(&host, 1, leaving != 0 ? &kLook : nullptr, &none) > 0) ::_exit(0);
  }
}

}  // namespace

void keep_room(const KeeperPlan& plan) {
  RoomReport report;
  take_signals();
  ::prctl(PR_SET_NAME, "tsroom");
  ::umask(022);
  if (::chdir("/") != 0 || !take_descriptors(plan)) ::_exit(1);
  // The room outlives whoever opened it until it is empty.
  if (::prctl(PR_SET_PDEATHSIG, SIGTERM) != 0) ::_exit(1);
  report.step = make_room(plan);
  report.error_number = errno;
  // Nobody to hear it: whoever opened this has gone, perhaps before the line above.
  if (::write(kReport, &report, sizeof report) != sizeof report || report.step != RoomStep::kDone) ::_exit(1);
  ::close(kReport);
  ::syscall(SYS_close_range, kHost + 1U, ~0U, 0U);
  keep();
}

}  // namespace ts::os
