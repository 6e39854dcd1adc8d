// Walls around what a stack could become or do to others: processes, code, privileges, the kernel.
#include <linux/bpf.h>
#include <linux/capability.h>
#include <linux/io_uring.h>
#include <linux/perf_event.h>
#include <linux/sched.h>
#include <mqueue.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/inotify.h>
#include <sys/mount.h>
#include <sys/msg.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>

#include "tests/e2e/cage_walls.h"

namespace cage {
namespace {

long code_in(int protection, int fd) {
  void* page = ::mmap(nullptr, 4096, protection, fd < 0 ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_PRIVATE, fd, 0);
  return page == MAP_FAILED ? -1 : 0;
}

long written_then_run(bool with_key) {
  void* page = ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) return -1;
  constexpr int kRun = PROT_READ | PROT_EXEC;
  return with_key ? ::syscall(SYS_pkey_mprotect, page, 4096, kRun, -1) : ::mprotect(page, 4096, kRun);
}

/// Of both processes that come out of it only ours goes on.
long only_parent(long pid) {
  if (pid == 0) ::_exit(0);
  return pid;
}

long new_thread() {
  pthread_t thread;
  errno = ::pthread_create(
      &thread, nullptr, [](void*) -> void* { return nullptr; }, nullptr);
  return errno == 0 ? 0 : -1;
}

long queue_signal(pid_t pid) {
  siginfo_t info{};
  info.si_code = SI_QUEUE;
  return ::syscall(SYS_rt_sigqueueinfo, pid, 0, &info);
}

long read_memory(pid_t pid) {
  char byte = 0;
  iovec here{&byte, 1}, there{nullptr, 1};
  return ::process_vm_readv(pid, &here, 1, &there, 1, 0);
}

long make_memory_trap() {
  perf_event_attr what{};
  what.size = sizeof what;
  what.type = PERF_TYPE_SOFTWARE;
  what.config = PERF_COUNT_SW_CPU_CLOCK;
  return ::syscall(SYS_perf_event_open, &what, 0, -1, -1, 0);
}

long make_map() {
  bpf_attr what{};
  what.map_type = BPF_MAP_TYPE_ARRAY;
  what.key_size = what.value_size = what.max_entries = 4;
  return ::syscall(SYS_bpf, BPF_MAP_CREATE, &what, sizeof what);
}

long make_ring() {
  io_uring_params what{};
  return ::syscall(SYS_io_uring_setup, 1, &what);
}

long drop_nothing() {
  __user_cap_header_struct head{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[2] = {};
  return ::syscall(SYS_capset, &head, data);
}

long foreign_call(bool x32) {
#ifdef __x86_64__
  if (x32) return ::syscall(0x40000000 | SYS_getpid);
  long result = 20;  // getpid of 32-bit programs
  asm volatile("int $0x80" : "+a"(result) : : "memory", "cc", "r8", "r9", "r10", "r11");
  return result;
#else
  (void)x32;
  ::raise(SIGSYS);  // there is no other set of calls
  return 0;
#endif
}

}  // namespace

std::vector<Trial> processes(const Targets& to, const Held& held) {
  return {
      {"fork", "SIGSYS", kDone, [] { return only_parent(::syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0)); }},
      {"clone3", "ENOSYS", kDone,
       [] {
         clone_args how{};
         how.exit_signal = SIGCHLD;
         return only_parent(::syscall(SYS_clone3, &how, sizeof how));
       }},
      {"start a thread", "EAGAIN", kDone, new_thread},
      {"run a program", "SIGSYS", kDone, [] { return ::execl("/bin/true", "true", nullptr); }},
      {"run an open program", "SIGSYS", kDone,
       [&held] {
         char name[] = "true";
         char* arguments[] = {name, nullptr};
         return ::syscall(SYS_execveat, held.program, "", arguments, nullptr, AT_EMPTY_PATH);
       }},
      {"map new code", "SIGSYS", kDone, [] { return code_in(PROT_READ | PROT_EXEC, -1); }},
      {"map a file's code", "SIGSYS", kDone,
       [&held] { return code_in(PROT_READ | PROT_EXEC, held.program); }},
      {"map code to write", "SIGSYS", kDone, [] { return code_in(PROT_READ | PROT_WRITE | PROT_EXEC, -1); }},
      {"run what was written", "SIGSYS", kDone, [] { return written_then_run(false); }},
      {"the same with a key", "SIGSYS", kAnything, [] { return written_then_run(true); }},
      {"make all memory code", "EPERM", kDone, [] { return ::personality(READ_IMPLIES_EXEC); }},
      {"make a memory file", "SIGSYS", kDone, [] { return ::memfd_create("trial", 0); }},
      {"trace another stack", "SIGSYS", kDone,
       [&to] { return ::ptrace(PTRACE_SEIZE, to.stack, nullptr, nullptr); }},
      {"read another stack's memory", "SIGSYS", "EFAULT", [&to] { return read_memory(to.stack); }},
      {"signal another stack", "SIGSYS", kDone, [&to] { return ::kill(to.stack, 0); }},
      {"signal the daemon", "SIGSYS", kDone, [&to] { return ::kill(to.daemon, 0); }},
      {"signal a thread of another stack", "EPERM", kDone,
       [&to] { return ::syscall(SYS_tgkill, to.stack, to.stack, 0); }},
      {"the same by tkill", "SIGSYS", kDone, [&to] { return ::syscall(SYS_tkill, to.stack, 0); }},
      {"queue a signal", "EPERM", kDone, [&to] { return queue_signal(to.stack); }},
      {"get hold of another stack", "SIGSYS", kDone,
       [&to] { return ::syscall(SYS_pidfd_open, to.stack, 0); }},
      {"signal a stack that is held", "SIGSYS", kDone,
       [&held] { return ::syscall(SYS_pidfd_send_signal, held.stack, 0, nullptr, 0); }},
      {"take another stack's descriptors", "SIGSYS", kDone,
       [&held] { return ::syscall(SYS_pidfd_getfd, held.stack, 2, 0); }},
      {"look at another stack's limits", "EPERM", kAnything,
       [&to] {
         rlimit now{};
         return ::prlimit(to.stack, RLIMIT_CPU, nullptr, &now);
       }},
      {"lift a limit", "EPERM", kDone,
       [] {
         rlimit more{256, 256};
         return ::prlimit(0, RLIMIT_NOFILE, &more, nullptr);
       }},
      {"get more of the processor", "EPERM", kDone, [] { return ::setpriority(PRIO_PROCESS, 0, -1); }},
  };
}

std::vector<Trial> kernel() {
  return {
      {"become root", "SIGSYS", kDone, [] { return ::syscall(SYS_setuid, 0); }},
      {"become root for good", "SIGSYS", kDone, [] { return ::syscall(SYS_setresuid, 0, 0, 0); }},
      {"join groups", "SIGSYS", kDone, [] { return ::syscall(SYS_setgroups, 0, nullptr); }},
      {"set capabilities", "SIGSYS", kDone, drop_nothing},
      {"enter a new namespace", "SIGSYS", kDone, [] { return ::unshare(CLONE_NEWIPC); }},
      {"mount", "SIGSYS", kDone, [] { return ::mount("none", "/tmp", "tmpfs", 0, nullptr); }},
      {"let others trace", "EPERM", kDone, [] { return ::prctl(PR_SET_DUMPABLE, 1); }},
      {"rename the machine", "EPERM", kDone, [] { return ::sethostname("trial", 5); }},
      {"ask for a keyring", "SIGSYS", kAnything, [] { return ::syscall(SYS_keyctl, 0, -3, 1); }},
      {"count events", "SIGSYS", kAnything, make_memory_trap},
      {"load a program into the kernel", "SIGSYS", kAnything, make_map},
      {"make a ring of calls", "SIGSYS", kAnything, make_ring},
      {"handle page faults", "SIGSYS", kAnything, [] { return ::syscall(SYS_userfaultfd, 0); }},
      {"make shared memory", "SIGSYS", kDone, [] { return ::shmget(IPC_PRIVATE, 4096, 0600); }},
      {"make a semaphore", "EPERM", kDone, [] { return ::semget(IPC_PRIVATE, 1, 0600); }},
      {"make a queue", "EPERM", kDone, [] { return ::msgget(IPC_PRIVATE, 0600); }},
      {"make a named queue", "EPERM", kAnything,
       [] { return ::mq_open("/trial", O_CREAT | O_RDWR, 0600, nullptr); }},
      {"watch files", "EPERM", kDone, [] { return ::inotify_init1(0); }},
      {"call as a 32-bit program", "SIGSYS", kAnything, [] { return foreign_call(false); }},
      {"call as an x32 program", "SIGSYS", kAnything, [] { return foreign_call(true); }},
  };
}

}  // namespace cage
