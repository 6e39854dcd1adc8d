#include "lib/os/spawn.h"

#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/close_range.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>

namespace ts::os {
namespace {

/// What the child was about to do when a call failed: an index into kSteps.
enum Step : int {
  kRoom,
  kNetwork,
  kDescriptors,
  kSession,
  kOwnTmp,
  kRoot,
  kFolder,
  kGroups,
  kIdentity,
  kIdentityKept,
  kCapabilities,
  kPrivileges,
  kParent,
  kExec,
  kEntered  // none: the process that is told of is a child of the one that was forked
};
constexpr std::array<const char*, 14> kSteps{"entering the session's room",
                                             "entering the network namespace",
                                             "passing descriptors",
                                             "setsid",
                                             "giving it a /tmp of its own",
                                             "chroot",
                                             "entering the working folder",
                                             "setting groups",
                                             "changing user",
                                             "giving up the former user",
                                             "setting capabilities",
                                             "no_new_privs",
                                             "following the parent",
                                             "exec"};

struct Failure {
  int step = 0;
  int error_number = 0;  // kEntered: the process
};

/// Everything the child needs, laid out before fork: afterwards it may not allocate.
struct Plan {
  const Spawn* what = nullptr;
  const char* path = nullptr;
  std::vector<char*> argv;
  std::vector<char*> envp;
  char* listen_pid_digits = nullptr;  // where "LISTEN_PID=" is to be completed
  std::vector<std::pair<int, int>> fds;
  std::string folder;
  int program_fd = -1;
  int null_fd = -1;
  int report_fd = -1;
  pid_t parent = 0;
};

/// The child's side: only async-signal-safe calls. Each returns false with errno set.
class Child {
 public:
  explicit Child(Plan& plan) : plan_(plan), what_(*plan.what) {}

  [[noreturn]] void run() {
    Step failed = what_.room < 0 || enter_room() ? prepare() : kRoom;
    tell(failed, errno);
    ::_exit(127);
  }

 private:
  void tell(Step step, int number) const {
    Failure failure{step, number};
    (void)!::write(plan_.report_fd, &failure, sizeof failure);
  }

  /// Only a child is in the PID namespace: made in our place, a child of our parent's, and named by its
  /// number outside, which we see and it does not.
  bool enter_room() const {
    if (::setns(what_.room, CLONE_NEWPID | CLONE_NEWNS) != 0) return false;
    const long pid = ::syscall(SYS_clone, CLONE_PARENT | SIGCHLD, nullptr, nullptr, nullptr, 0UL);
    if (pid > 0) {
      tell(kEntered, static_cast<int>(pid));
      ::_exit(0);
    }
    return pid == 0;
  }

  Step prepare() {
    if (what_.network >= 0 && ::setns(what_.network, CLONE_NEWNET) != 0) return kNetwork;
    if (!arrange_descriptors()) return kDescriptors;
    if (what_.new_session && ::setsid() < 0) return kSession;
    if (what_.own_tmp && !make_own_tmp()) return kOwnTmp;
    if (!what_.root.empty() && ::chroot(what_.root.c_str()) != 0) return kRoot;
    if (what_.identity) {
      if (Step failed = become(*what_.identity); failed != kExec) return failed;
    }
    // After the change of user: a folder that root may enter is not thereby the user's.
    if (::chdir(plan_.folder.c_str()) != 0) return kFolder;
    if (!what_.ambient_capabilities.empty() && !raise_capabilities()) return kCapabilities;
    if (what_.no_new_privs && ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return kPrivileges;
    if (what_.die_with_parent) {
      // Last of all, since a change of credentials clears it; then look whether the parent went meanwhile.
      if (::prctl(PR_SET_PDEATHSIG, what_.parent_death_signal) != 0) return kParent;
      // (From a room it is not to be seen: what is started there ends with the room at the latest.)
      if (what_.room < 0 && ::getppid() != plan_.parent) ::_exit(127);
    }
    if (plan_.listen_pid_digits) write_pid();
    reset_signals();
    execute();
    return kExec;
  }

  bool arrange_descriptors() {
    int above = 3;
    for (auto& [ours, theirs] : plan_.fds) above = std::max(above, theirs + 1);
    // First out of the way of the numbers that are to be given, then to their places.
    for (auto& [ours, theirs] : plan_.fds) {
      ours = ::fcntl(ours, F_DUPFD_CLOEXEC, above);
      if (ours < 0) return false;
    }
    int report = ::fcntl(plan_.report_fd, F_DUPFD_CLOEXEC, above);
    int program = ::fcntl(plan_.program_fd, F_DUPFD_CLOEXEC, above);
    if (report < 0 || program < 0) return false;
    plan_.report_fd = report;
    plan_.program_fd = program;
    if (::dup2(plan_.null_fd, 0) < 0) return false;
    // Ours are close-on-exec anyway; this is for those that a library opened otherwise.
    ::syscall(SYS_close_range, 3U, ~0U, CLOSE_RANGE_CLOEXEC);
    for (auto& [ours, theirs] : plan_.fds) {
      if (::dup2(ours, theirs) < 0) return false;
    }
    return true;
  }

  static bool make_own_tmp() {
    // What is mounted here is not to be seen elsewhere; what is mounted elsewhere later, here as before.
    return ::unshare(CLONE_NEWNS) == 0 && ::mount("none", "/", nullptr, MS_REC | MS_SLAVE, nullptr) == 0 &&
           ::mount("tmpfs", "/tmp", "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=1777,size=1m") == 0;
  }

  /// kExec when all went well.
  Step become(const Identity& identity) {
    bool root = ::geteuid() == 0;
    if (!root) {
      // An ordinary user can only stay who they are.
      if (identity.uid == ::getuid() && identity.gid == ::getgid()) return kExec;
      errno = EPERM;
      return kIdentity;
    }
    if (::setgroups(identity.groups.size(), identity.groups.data()) != 0) return kGroups;
    if (::setresgid(identity.gid, identity.gid, identity.gid) != 0) return kIdentity;
    if (!what_.ambient_capabilities.empty()) {
      drop_bounding_set();
      if (::prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) != 0) return kCapabilities;
    }
    if (::setresuid(identity.uid, identity.uid, identity.uid) != 0) return kIdentity;
    if (identity.uid != 0 && ::setuid(0) == 0) {
      errno = EPERM;
      return kIdentityKept;
    }
    return kExec;
  }

  bool wanted(int capability) const {
    return std::find(what_.ambient_capabilities.begin(), what_.ambient_capabilities.end(), capability) !=
           what_.ambient_capabilities.end();
  }

  void drop_bounding_set() const {
    for (int capability = 0; ::prctl(PR_CAPBSET_READ, capability, 0, 0, 0) >= 0; ++capability) {
      if (!wanted(capability)) ::prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);
    }
  }

  bool raise_capabilities() const {
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    std::array<__user_cap_data_struct, 2> data{};
    for (int capability : what_.ambient_capabilities) {
      auto& word = data[static_cast<std::size_t>(capability) / 32];
      std::uint32_t bit = 1U << (static_cast<unsigned>(capability) % 32);
      word.effective |= bit;
      word.permitted |= bit;
      word.inheritable |= bit;
    }
    if (::syscall(SYS_capset, &header, data.data()) != 0) return false;
    for (int capability : what_.ambient_capabilities) {
      if (::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0) != 0) return false;
    }
    return true;
  }

  void write_pid() const {
    std::array<char, 12> digits{};
    std::size_t count = 0;
    for (pid_t pid = ::getpid(); pid > 0; pid /= 10) digits[count++] = static_cast<char>('0' + pid % 10);
    char* out = plan_.listen_pid_digits;
    while (count > 0) *out++ = digits[--count];
    *out = 0;
  }

  static void reset_signals() {
    struct sigaction standard {};
    standard.sa_handler = SIG_DFL;
    for (int number = 1; number < NSIG; ++number) ::sigaction(number, &standard, nullptr);
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
  }

  void execute() const {
    // By path when that works: then the process has its own name and scripts run. The descriptor, opened with
    // the parent's rights, is for programs in a folder that the new user may not enter.
    if (what_.root.empty()) ::execve(plan_.path, plan_.argv.data(), plan_.envp.data());
    if (!what_.root.empty() || errno == EACCES || errno == ENOENT) {
      ::syscall(SYS_execveat, plan_.program_fd, "", plan_.argv.data(), plan_.envp.data(), AT_EMPTY_PATH);
    }
  }

  Plan& plan_;
  const Spawn& what_;
};

void reap(pid_t pid) {
  while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
  }
}

/// Waits until exec closed the pipe or the child told what failed.
Result<pid_t> outcome(pid_t pid, int pipe_end, const Spawn& what) {
  std::optional<Failure> failed;
  bool entered = what.room < 0;
  for (;;) {
    Failure told;
    const ssize_t size = ::read(pipe_end, &told, sizeof told);
    if (size < 0 && errno == EINTR) continue;
    if (size == 0) break;
    // One that is told of may be quicker than the one that tells.
    if (size == sizeof told && told.step == kEntered && !entered) {
      entered = true;
      reap(std::exchange(pid, told.error_number));
    } else {
      failed = size == sizeof told ? told : Failure{-1, 0};
    }
  }
  if (!failed && entered) return pid;
  reap(pid);
  if (!failed || failed->step < 0 || failed->step >= static_cast<int>(kSteps.size())) {
    return fail(ErrorCode::kSystem, "starting '{}': the new process died early", what.program.string());
  }
  return fail_errno(
      fmt::format("starting '{}': {}", what.program.string(), kSteps[static_cast<std::size_t>(failed->step)]),
      failed->error_number);
}

}  // namespace

Result<pid_t> spawn(const Spawn& what) {
  UniqueFd program(::open(what.program.c_str(), O_PATH | O_CLOEXEC));
  if (!program) return fail_errno(fmt::format("starting '{}'", what.program.string()));
  UniqueFd null(::open("/dev/null", O_RDWR | O_CLOEXEC));
  if (!null) return fail_errno("opening /dev/null");
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return fail_errno("pipe");
  UniqueFd read_end(ends[0]), write_end(ends[1]);

  std::string name = what.program.filename().string();
  std::vector<std::string> arguments = what.arguments;
  std::vector<std::string> environment = what.environment;
  if (what.systemd_listen) environment.push_back("LISTEN_PID=" + std::string(12, '\0'));
  Plan plan;
  plan.what = &what;
  plan.path = what.program.c_str();
  plan.argv.push_back(name.data());
  for (auto& argument : arguments) plan.argv.push_back(argument.data());
  plan.argv.push_back(nullptr);
  for (auto& variable : environment) plan.envp.push_back(variable.data());
  plan.envp.push_back(nullptr);
  if (what.systemd_listen) plan.listen_pid_digits = environment.back().data() + std::strlen("LISTEN_PID=");
  plan.fds = what.fds;
  plan.folder = what.working_folder.empty() ? "/" : what.working_folder.string();
  plan.program_fd = program.get();
  plan.null_fd = null.get();
  plan.report_fd = write_end.get();
  plan.parent = ::getpid();

  // Blocked across fork, so that no handler of ours runs in the child.
  sigset_t all, before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  pid_t pid = ::fork();
  if (pid == 0) Child(plan).run();
  int fork_error = errno;
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (pid < 0) return fail_errno("fork", fork_error);
  write_end.reset();
  return outcome(pid, read_end.get(), what);
}

}  // namespace ts::os
