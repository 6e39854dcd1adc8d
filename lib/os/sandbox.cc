#include "lib/os/sandbox.h"

#include <cap-ng.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <memory>

#include "lib/base/unique_fd.h"
#include "lib/os/landlock.h"

namespace ts::os {
namespace {

#ifdef TS_SANITIZE
constexpr bool kLimitMemory = false;  // the sanitizer's shadow of the memory alone is beyond any limit
#else
constexpr bool kLimitMemory = true;
#endif

struct ReleaseFilter {
  void operator()(void* filter) const { ::seccomp_release(filter); }
};
using Filter = std::unique_ptr<void, ReleaseFilter>;

// What an event loop over open descriptors, malloc, OpenSSL, threads and a clean end need, whatever the
// arguments.
constexpr std::array kAllowed{SCMP_SYS(read),
                              SCMP_SYS(readv),
                              SCMP_SYS(pread64),
                              SCMP_SYS(write),
                              SCMP_SYS(writev),
                              SCMP_SYS(close),
                              SCMP_SYS(fstat),
                              SCMP_SYS(pipe2),
                              SCMP_SYS(recvmsg),
                              SCMP_SYS(recvfrom),
                              SCMP_SYS(sendmsg),
                              SCMP_SYS(sendto),
                              SCMP_SYS(getsockopt),
                              SCMP_SYS(getsockname),
                              SCMP_SYS(getpeername),
                              SCMP_SYS(poll),
                              SCMP_SYS(ppoll),
                              SCMP_SYS(select),
                              SCMP_SYS(pselect6),
                              SCMP_SYS(epoll_create1),
                              SCMP_SYS(epoll_ctl),
                              SCMP_SYS(epoll_wait),
                              SCMP_SYS(epoll_pwait),
                              SCMP_SYS(epoll_pwait2),
                              SCMP_SYS(eventfd2),
                              SCMP_SYS(timerfd_create),
                              SCMP_SYS(timerfd_settime),
                              SCMP_SYS(brk),
                              SCMP_SYS(munmap),
                              SCMP_SYS(mremap),
                              SCMP_SYS(madvise),
                              SCMP_SYS(rt_sigaction),
                              SCMP_SYS(rt_sigprocmask),
                              SCMP_SYS(rt_sigreturn),
                              SCMP_SYS(sigaltstack),
                              SCMP_SYS(futex),
                              SCMP_SYS(set_robust_list),
                              SCMP_SYS(rseq),
                              SCMP_SYS(set_tid_address),
                              SCMP_SYS(sched_yield),
                              SCMP_SYS(sched_getaffinity),
                              SCMP_SYS(membarrier),
                              SCMP_SYS(restart_syscall),
                              SCMP_SYS(clock_gettime),
                              SCMP_SYS(clock_getres),
                              SCMP_SYS(clock_nanosleep),
                              SCMP_SYS(gettimeofday),
                              SCMP_SYS(nanosleep),
                              SCMP_SYS(time),
                              SCMP_SYS(getrandom),
                              SCMP_SYS(getpid),
                              SCMP_SYS(getppid),
                              SCMP_SYS(gettid),
                              SCMP_SYS(getuid),
                              SCMP_SYS(geteuid),
                              SCMP_SYS(getgid),
                              SCMP_SYS(getegid),
                              SCMP_SYS(getrusage),
                              SCMP_SYS(sysinfo),
                              SCMP_SYS(uname),
                              SCMP_SYS(exit),
                              SCMP_SYS(exit_group)};

// No program of ours does these by accident: whoever tries is not our program any more.
constexpr std::array kKilled{SCMP_SYS(socket),
                             SCMP_SYS(socketpair),
                             SCMP_SYS(connect),
                             SCMP_SYS(bind),
                             SCMP_SYS(listen),
                             SCMP_SYS(accept),
                             SCMP_SYS(accept4),
                             SCMP_SYS(execve),
                             SCMP_SYS(execveat),
                             SCMP_SYS(fork),
                             SCMP_SYS(vfork),
                             SCMP_SYS(ptrace),
                             SCMP_SYS(process_vm_readv),
                             SCMP_SYS(process_vm_writev),
                             SCMP_SYS(kill),
                             SCMP_SYS(tkill),
                             SCMP_SYS(bpf),
                             SCMP_SYS(pidfd_open),
                             SCMP_SYS(pidfd_getfd),
                             SCMP_SYS(pidfd_send_signal),
                             SCMP_SYS(userfaultfd),
                             SCMP_SYS(perf_event_open),
                             SCMP_SYS(io_uring_setup),
                             SCMP_SYS(io_uring_enter),
                             SCMP_SYS(io_uring_register),
                             SCMP_SYS(setuid),
                             SCMP_SYS(setgid),
                             SCMP_SYS(setresuid),
                             SCMP_SYS(setresgid),
                             SCMP_SYS(setgroups),
                             SCMP_SYS(capset),
                             SCMP_SYS(unshare),
                             SCMP_SYS(setns),
                             SCMP_SYS(mount),
                             SCMP_SYS(umount2),
                             SCMP_SYS(pivot_root),
                             SCMP_SYS(chroot),
                             SCMP_SYS(init_module),
                             SCMP_SYS(finit_module),
                             SCMP_SYS(kexec_load),
                             SCMP_SYS(keyctl),
                             SCMP_SYS(add_key),
                             SCMP_SYS(request_key),
                             SCMP_SYS(memfd_create),
                             SCMP_SYS(shmget),
                             SCMP_SYS(shmat)};

// Libraries probe for files and settings and go on without them.
constexpr std::array kProbes{
    SCMP_SYS(open),       SCMP_SYS(openat),     SCMP_SYS(openat2), SCMP_SYS(stat),      SCMP_SYS(lstat),
    SCMP_SYS(newfstatat), SCMP_SYS(statx),      SCMP_SYS(access),  SCMP_SYS(faccessat), SCMP_SYS(faccessat2),
    SCMP_SYS(readlink),   SCMP_SYS(readlinkat), SCMP_SYS(getcwd)};

/// Collects the first failure, so that the rules read as a table.
class Rules {
 public:
  explicit Rules(void* filter) : filter_(filter) {}

  template <typename... Comparisons>
  void add(std::uint32_t action, int call, Comparisons... comparisons) {
    std::array<scmp_arg_cmp, sizeof...(comparisons)> list{comparisons...};
    int status = ::seccomp_rule_add_array(filter_, action, call, list.size(), list.data());
    // Calls that this architecture does not have (open on arm64) need no rule.
    if (status != 0 && status != -EDOM && error_ == 0) error_ = -status;
  }
  int error() const { return error_; }

 private:
  void* filter_;
  int error_ = 0;
};

constexpr std::uint32_t errno_action(int number) {
  return SCMP_ACT_ERRNO(static_cast<std::uint16_t>(number));
}

scmp_arg_cmp equals(unsigned argument, std::uint64_t value) {
  return scmp_arg_cmp{argument, SCMP_CMP_MASKED_EQ, 0xffffffffU, value};
}
scmp_arg_cmp bits(unsigned argument, std::uint64_t mask, std::uint64_t value) {
  return scmp_arg_cmp{argument, SCMP_CMP_MASKED_EQ, mask, value};
}

/// A process has no more descriptors, so a descriptor above kLog has one of these bits set. Whatever it says
/// in the upper half of the register, which the kernel does not look at.
constexpr rlim_t kDescriptors = 64;
constexpr std::array<std::uint64_t, 4> kBitsAboveLog{4, 8, 16, 32};

/// What changes a descriptor for all who hold it, or makes another of it, is for those that are ours alone:
/// the log (1, 2) is every role's, to be appended to and not to be shut. 3, too, is left out, which needs
/// none.
template <typename... Comparisons>
void allow_above_log(Rules& rules, int call, Comparisons... comparisons) {
  for (auto bit : kBitsAboveLog) rules.add(SCMP_ACT_ALLOW, call, bits(0, bit, bit), comparisons...);
}

/// Calls that are harmless with some arguments only.
void add_conditional(Rules& rules) {
  rules.add(SCMP_ACT_ALLOW, SCMP_SYS(mmap), bits(2, PROT_EXEC, 0));
  rules.add(SCMP_ACT_KILL_PROCESS, SCMP_SYS(mmap), bits(2, PROT_EXEC, PROT_EXEC));
  rules.add(SCMP_ACT_ALLOW, SCMP_SYS(mprotect), bits(2, PROT_EXEC, 0));
  rules.add(SCMP_ACT_KILL_PROCESS, SCMP_SYS(mprotect), bits(2, PROT_EXEC, PROT_EXEC));
  rules.add(SCMP_ACT_KILL_PROCESS, SCMP_SYS(pkey_mprotect));
  // Threads yes, processes no. clone3 hides its flags in memory, where a filter cannot look: without it the C
  // library takes clone.
  rules.add(SCMP_ACT_ALLOW, SCMP_SYS(clone), bits(0, CLONE_THREAD, CLONE_THREAD));
  rules.add(SCMP_ACT_KILL_PROCESS, SCMP_SYS(clone), bits(0, CLONE_THREAD, 0));
  rules.add(errno_action(ENOSYS), SCMP_SYS(clone3));
  // abort() signals its own thread.
  rules.add(SCMP_ACT_ALLOW, SCMP_SYS(tgkill), equals(0, static_cast<std::uint64_t>(::getpid())));
  for (auto request : {FIONREAD, FIOCLEX}) rules.add(SCMP_ACT_ALLOW, SCMP_SYS(ioctl), equals(1, request));
  allow_above_log(rules, SCMP_SYS(ioctl), equals(1, FIONBIO));
  allow_above_log(rules, SCMP_SYS(shutdown));
  allow_above_log(rules, SCMP_SYS(fcntl), equals(1, F_DUPFD_CLOEXEC));
  rules.add(errno_action(ENOTTY), SCMP_SYS(ioctl), equals(1, TCGETS));
  for (auto command : {F_GETFD, F_SETFD, F_GETFL}) {
    rules.add(SCMP_ACT_ALLOW, SCMP_SYS(fcntl), equals(1, static_cast<std::uint64_t>(command)));
  }
  for (auto option : {PR_SET_NAME, PR_GET_NAME}) {
    rules.add(SCMP_ACT_ALLOW, SCMP_SYS(prctl), equals(0, static_cast<std::uint64_t>(option)));
  }
  // fstat() of newer C libraries is newfstatat with an empty path.
  rules.add(SCMP_ACT_ALLOW, SCMP_SYS(newfstatat), bits(3, AT_EMPTY_PATH, AT_EMPTY_PATH));
  rules.add(errno_action(EACCES), SCMP_SYS(newfstatat), bits(3, AT_EMPTY_PATH, 0));
  // Reading one's own limits, not setting them.
  rules.add(SCMP_ACT_ALLOW, SCMP_SYS(prlimit64), equals(0, 0), scmp_arg_cmp{2, SCMP_CMP_EQ, 0, 0});
}

Result<> load_filter() {
  // Everything not named fails with EPERM: a new C library's new call then ends in its fallback, not in a
  // core.
  Filter filter(::seccomp_init(errno_action(EPERM)));
  if (!filter) return fail(ErrorCode::kSystem, "making the system call filter: no memory");
  ::seccomp_attr_set(filter.get(), SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
  ::seccomp_attr_set(filter.get(), SCMP_FLTATR_CTL_TSYNC, 1);
  Rules rules(filter.get());
  for (int call : kAllowed) rules.add(SCMP_ACT_ALLOW, call);
  for (int call : kKilled) rules.add(SCMP_ACT_KILL_PROCESS, call);
  for (int call : kProbes) {
    if (call != SCMP_SYS(newfstatat)) rules.add(errno_action(EACCES), call);
  }
  add_conditional(rules);
  if (rules.error() != 0) return fail_errno("building the system call filter", rules.error());
  if (int status = ::seccomp_load(filter.get()); status != 0) {
    return fail_errno("loading the system call filter", -status);
  }
  return {};
}

Result<> limit(int resource, rlim_t value, const char* name) {
  rlimit limits{value, value};
  if (::setrlimit(static_cast<__rlimit_resource_t>(resource), &limits) != 0) return fail_errno(name);
  return {};
}

/// Out of memory, the kernel takes processes like this one before anybody's session; if it can be told so.
void die_first() {
  UniqueFd file(::open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC));
  if (file) (void)!::write(file.get(), "500", 3);
}

/// Needs CAP_SYS_CHROOT; without it (an ordinary user's own server) the filter alone keeps files away.
Result<> leave_files(int empty_root_fd) {
  if (empty_root_fd < 0) return {};
  if (::fchdir(empty_root_fd) != 0) return fail_errno("entering the empty root folder");
  if (::chroot(".") != 0 && errno != EPERM) return fail_errno("chroot to the empty folder");
  return {};
}

Result<> drop_capabilities() {
  ::capng_get_caps_process();
  bool may_drop_bounds = ::capng_have_capability(CAPNG_EFFECTIVE, CAP_SETPCAP) != 0;
  auto sets = may_drop_bounds ? CAPNG_SELECT_ALL
                              : static_cast<capng_select_t>(CAPNG_SELECT_CAPS | CAPNG_SELECT_AMBIENT);
  ::capng_clear(sets);
  if (::capng_apply(sets) != 0) return fail(ErrorCode::kSystem, "dropping capabilities failed");
  return {};
}

}  // namespace

Result<> enter_sandbox(const Sandbox& sandbox) {
  die_first();
  TS_TRY(leave_files(sandbox.empty_root_fd));
  TS_TRY(drop_capabilities());
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return fail_errno("no_new_privs");
  // To others of the same account, whose cage may have failed them, it is nobody's to trace or to look into.
  if (::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) return fail_errno("making the process untraceable");
  TS_TRY(give_up_files());
  TS_TRY(limit(RLIMIT_CORE, 0, "limiting core files"));
  TS_TRY(limit(RLIMIT_NPROC, 0, "limiting processes"));
  TS_TRY(limit(RLIMIT_NOFILE, kDescriptors, "limiting descriptors"));
  TS_TRY(limit(RLIMIT_MEMLOCK, 0, "limiting locked memory"));
  TS_TRY(limit(RLIMIT_MSGQUEUE, 0, "limiting message queues"));
  if (kLimitMemory && sandbox.memory_limit != 0)
    TS_TRY(limit(RLIMIT_AS, sandbox.memory_limit, "limiting memory"));
  return load_filter();
}

}  // namespace ts::os
