// The cage is tried by helpers that must die in it, or get the error that libraries can live with.
#include "lib/os/sandbox.h"

#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <ctime>
#include <functional>

#include "lib/os/landlock.h"
#include "lib/os/network_namespace.h"
#include "tests/unit/os/support.h"

namespace {

/// Runs `body` in a child that has entered the sandbox; its result is the exit status, 200 if it could not
/// enter.
int status_in_sandbox(const std::function<int()>& body, const ts::os::Sandbox& sandbox = {}) {
  pid_t pid = ::fork();
  if (pid == 0) {
    if (!ts::os::enter_sandbox(sandbox)) ::_exit(200);
    ::_exit(body());
  }
  return ts::test::wait_for(pid);
}

void expect_exit(const std::function<int()>& body, int wanted, const char* what) {
  int status = status_in_sandbox(body);
  ASSERT_TRUE(WIFEXITED(status)) << what << " was killed by " << (WIFSIGNALED(status) ? WTERMSIG(status) : 0);
  EXPECT_EQ(WEXITSTATUS(status), wanted) << what;
}

void expect_killed(const std::function<int()>& body, const char* what) {
  int status = status_in_sandbox(body);
  ASSERT_TRUE(WIFSIGNALED(status)) << what << " went on, exit status " << WEXITSTATUS(status);
  EXPECT_EQ(WTERMSIG(status), SIGSYS) << what;
}

/// The errno of a call that should fail, 0 if it did not.
int errno_of(long result) {
  return result < 0 ? errno : 0;
}

TEST(Sandbox, ProbesForFilesAreRefused) {
  expect_exit([] { return errno_of(::open("/etc/passwd", O_RDONLY)); }, EACCES, "open");
  expect_exit([] { return errno_of(::syscall(SYS_openat, AT_FDCWD, "/etc/ssl/openssl.cnf", O_RDONLY)); },
              EACCES, "openat");
  expect_exit([] { return errno_of(::access("/", R_OK)); }, EACCES, "access");
  expect_exit(
      [] {
        struct stat status;
        return errno_of(::stat("/etc", &status));
      },
      EACCES, "stat");
  expect_exit(
      [] {
        char buffer[64];
        return errno_of(::readlink("/proc/self/exe", buffer, sizeof buffer));
      },
      EACCES, "readlink");
}

/// The wall behind the filter: without it, files are out of reach all the same.
TEST(Landlock, FilesAreOutOfReachAndWhatIsOpenStays) {
  pid_t pid = ::fork();
  if (pid == 0) {
    int open_before = ::open("/proc/self/status", O_RDONLY);
    ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    auto given_up = ts::os::give_up_files();
    if (!given_up) ::_exit(200);
    if (!*given_up) ::_exit(77);
    char byte = 0;
    if (::read(open_before, &byte, 1) != 1) ::_exit(1);
    if (::open("/etc/passwd", O_RDONLY) >= 0 || errno != EACCES) ::_exit(2);
    if (::open("/tmp/ts-landlock-test", O_WRONLY | O_CREAT, 0600) >= 0 || errno != EACCES) ::_exit(3);
    if (::mkdir("/tmp/ts-landlock-test", 0700) == 0 || errno != EACCES) ::_exit(4);
    if (::unlink("/etc/hostname") == 0 || errno != EACCES) ::_exit(5);
    ::execl("/bin/true", "true", nullptr);
    ::_exit(errno == EACCES ? 0 : 6);
  }
  int status = ts::test::wait_for(pid);
  ASSERT_TRUE(WIFEXITED(status));
  if (WEXITSTATUS(status) == 77) GTEST_SKIP() << "this kernel has no Landlock";
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST(Network, AnEmptyOneReachesNobody) {
  if (!ts::test::is_root()) GTEST_SKIP() << "namespaces are root's";
  auto network = ts::os::make_empty_network();
  if (!network) GTEST_SKIP() << network.error().message;
  pid_t pid = ::fork();
  if (pid == 0) {
    if (::setns(network->get(), CLONE_NEWNET) != 0) ::_exit(200);
    int fd = ::socket(AF_INET, SOCK_DGRAM, 0);
    sockaddr_in there{};
    there.sin_family = AF_INET;
    there.sin_port = htons(9);
    there.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ::_exit(::connect(fd, reinterpret_cast<sockaddr*>(&there), sizeof there) != 0 && errno == ENETUNREACH
                ? 0
                : 1);
  }
  int status = ts::test::wait_for(pid);
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST(Sandbox, WhatIsNotNamedFails) {
  expect_exit([] { return errno_of(::syscall(SYS_sethostname, "x", 1)); }, EPERM, "sethostname");
  expect_exit([] { return errno_of(::prctl(PR_SET_DUMPABLE, 1)); }, EPERM, "prctl");
  expect_exit([] { return errno_of(::unlink("/tmp/nothing")); }, EPERM, "unlink");
}

/// The log is every role's: neither its flags nor its place may change for all of them.
TEST(Sandbox, WhatOthersHoldStaysAsItIs) {
  constexpr int kLog = 2;
  expect_exit([] { return errno_of(::fcntl(kLog, F_SETFL, 0)); }, EPERM, "F_SETFL");
  expect_exit([] { return errno_of(::lseek(kLog, 0, SEEK_SET)); }, EPERM, "lseek");
  expect_exit([] { return errno_of(::shutdown(kLog, SHUT_RDWR)); }, EPERM, "shutdown");
  expect_exit([] { return errno_of(::dup(kLog)); }, EPERM, "dup");
  for (long number : {2L, 2L | 1L << 32}) {
    expect_exit([number] { return errno_of(::syscall(SYS_fcntl, number, F_DUPFD_CLOEXEC, 10L)); }, EPERM,
                "F_DUPFD_CLOEXEC");
    expect_exit(
        [number] {
          int on = 1;
          return errno_of(::syscall(SYS_ioctl, number, FIONBIO, &on));
        },
        EPERM, "FIONBIO");
  }
}

TEST(Sandbox, NobodyOfTheSameAccountLooksIn) {
  expect_exit([] { return ::prctl(PR_GET_DUMPABLE) < 0 ? errno : 0; }, EPERM, "prctl");
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe(ends.data()), 0);
  pid_t caged = ::fork();
  if (caged == 0) {
    (void)!::write(ends[1], ts::os::enter_sandbox({}) ? "i" : "o", 1);
    ::select(0, nullptr, nullptr, nullptr, nullptr);
  }
  char answer = 0;
  ASSERT_EQ(::read(ends[0], &answer, 1), 1);
  EXPECT_EQ(answer, 'i');
  // What is nobody's to look into is root's: without capabilities we are the same account and no more.
  struct stat status {};
  std::string file = "/proc/" + std::to_string(caged) + "/environ";
  EXPECT_EQ(::stat(file.c_str(), &status), 0);
  EXPECT_EQ(status.st_uid, 0U);
  pid_t looker = ::fork();
  if (looker == 0) {
    if (::geteuid() == 0 && ::setresuid(65534, 65534, 65534) != 0) ::_exit(200);
    ::_exit(errno_of(::open(file.c_str(), O_RDONLY)));
  }
  EXPECT_EQ(WEXITSTATUS(ts::test::wait_for(looker)), EACCES);
  ::kill(caged, SIGKILL);
  ts::test::wait_for(caged);
  for (int fd : ends) ::close(fd);
}

TEST(Sandbox, TheNetworkIsOutOfReach) {
  expect_killed([] { return ::socket(AF_INET, SOCK_STREAM, 0); }, "socket");
  expect_killed([] { return ::socket(AF_UNIX, SOCK_STREAM, 0); }, "socket");
  expect_killed([] { return ::connect(0, nullptr, 0); }, "connect");
  expect_killed([] { return ::bind(0, nullptr, 0); }, "bind");
}

TEST(Sandbox, NoOtherProcess) {
  expect_killed([] { return ::fork() == 0 ? 0 : 1; }, "fork");
  expect_killed([] { return static_cast<int>(::syscall(SYS_vfork)); }, "vfork");
  expect_killed([] { return ::execl("/bin/true", "true", nullptr); }, "execve");
  expect_killed([] { return static_cast<int>(::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr)); }, "ptrace");
  expect_killed([] { return ::kill(::getppid(), 0); }, "kill");
  expect_killed([] { return static_cast<int>(::syscall(SYS_process_vm_readv, ::getppid(), 0, 0, 0, 0, 0)); },
                "process_vm_readv");
  expect_exit([] { return errno_of(::syscall(SYS_clone3, nullptr, 0)); }, ENOSYS, "clone3");
}

TEST(Sandbox, NoNewCode) {
  expect_killed(
      [] {
        void* page = ::mmap(nullptr, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        return page == MAP_FAILED ? errno : 0;
      },
      "mmap");
  expect_killed(
      [] {
        void* page = ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        return ::mprotect(page, 4096, PROT_READ | PROT_EXEC);
      },
      "mprotect");
}

/// What a stack's event loop does all day.
int ordinary_work(int framebuffer, int socket, int peer) {
  int loop = ::epoll_create1(EPOLL_CLOEXEC), wake = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  epoll_event event{};
  event.events = EPOLLIN;
  if (loop < 0 || wake < 0 || ::epoll_ctl(loop, EPOLL_CTL_ADD, wake, &event) != 0) return 1;
  if (::epoll_wait(loop, &event, 1, 0) != 0) return 2;
  struct stat status {};
  if (::fstat(framebuffer, &status) != 0 || status.st_size != 4096) return 3;
  void* pixels = ::mmap(nullptr, 4096, PROT_READ, MAP_SHARED, framebuffer, 0);
  if (pixels == MAP_FAILED || static_cast<const char*>(pixels)[0] != 0) return 4;
  if (::munmap(pixels, 4096) != 0) return 5;
  int on = 1;
  if (::ioctl(socket, FIONBIO, &on) != 0) return 6;
  char byte = 'x';
  iovec part{&byte, 1};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  if (::sendmsg(socket, &message, MSG_NOSIGNAL) != 1 || ::recvmsg(peer, &message, 0) != 1) return 7;
  int type = 0;
  socklen_t size = sizeof type;
  if (::getsockopt(socket, SOL_SOCKET, SO_TYPE, &type, &size) != 0) return 8;
  if (::getrandom(&byte, 1, 0) != 1) return 9;
  timespec now{};
  if (::clock_gettime(CLOCK_MONOTONIC, &now) != 0) return 10;
  auto* memory = static_cast<char*>(std::malloc(8 << 20));
  if (!memory) return 11;
  std::fill(memory, memory + (8 << 20), 'x');
  std::free(memory);
  ::signal(SIGUSR1, SIG_IGN);
  if (::prctl(PR_SET_NAME, "caged") != 0) return 12;
  if (::write(2, "", 0) != 0) return 13;
  return ::shutdown(socket, SHUT_WR) == 0 ? 0 : 14;
}

TEST(Sandbox, OrdinaryWorkGoesOn) {
  int framebuffer = ::memfd_create("framebuffer", MFD_CLOEXEC);
  ASSERT_EQ(::ftruncate(framebuffer, 4096), 0);
  std::array<int, 2> pair{};
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, pair.data()), 0);
  expect_exit([&] { return ordinary_work(framebuffer, pair[0], pair[1]); }, 0, "ordinary work, by step");
  for (int fd : {framebuffer, pair[0], pair[1]}) ::close(fd);
}

TEST(Sandbox, AbortStillAborts) {
  int status = status_in_sandbox([]() -> int { std::abort(); });
  ASSERT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(WTERMSIG(status), SIGABRT);
}

TEST(Sandbox, MemoryIsLimited) {
#ifdef TS_SANITIZE
  GTEST_SKIP() << "the sanitizer's shadow of the memory alone is beyond any limit";
#endif
  ts::os::Sandbox sandbox;
  sandbox.memory_limit = std::size_t{4} << 30;
  auto status = status_in_sandbox(
      [] {
        void* much = ::mmap(nullptr, std::size_t{5} << 30, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        return much == MAP_FAILED ? errno : 0;
      },
      sandbox);
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), ENOMEM);
}

#ifdef TS_SANITIZE
// What a sanitizer finds in a stack has to be told from inside the cage.
TEST(Sandbox, ReportsOfSanitizersComeOut) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe(ends.data()), 0);
  pid_t pid = ::fork();
  if (pid == 0) {
    ::dup2(ends[1], STDERR_FILENO);
    if (!ts::os::enter_sandbox({.memory_limit = std::size_t{2} << 30})) ::_exit(200);
    auto* freed = new char[8];
    delete[] freed;
    ::_exit(*const_cast<volatile char*>(freed));
  }
  ::close(ends[1]);
  std::string report = ts::test::read_to_end(ends[0]);
  ::close(ends[0]);
  int status = ts::test::wait_for(pid);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 99) << status;
  EXPECT_NE(report.find("AddressSanitizer: heap-use-after-free"), std::string::npos) << report;
}
#endif

TEST(Sandbox, RootFolderIsTheEmptyOneAndCapabilitiesAreGone) {
  if (!ts::test::is_root()) GTEST_SKIP() << "chroot is root's";
  ts::test::TemporaryFolder folder;
  int root = ::open(folder.path().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe(ends.data()), 0);
  pid_t pid = ::fork();
  if (pid == 0) {
    ts::os::Sandbox sandbox;
    sandbox.empty_root_fd = root;
    bool entered = ts::os::enter_sandbox(sandbox).has_value();
    (void)!::write(ends[1], entered ? "in" : "no", 2);
    char byte;
    ::close(ends[1]);
    (void)!::read(0, &byte, 1);  // until the parent has looked
    ::select(0, nullptr, nullptr, nullptr, nullptr);
    ::_exit(0);
  }
  char answer[2] = {};
  ASSERT_EQ(::read(ends[0], answer, 2), 2);
  EXPECT_EQ(std::string(answer, 2), "in");
  auto link = std::filesystem::read_symlink("/proc/" + std::to_string(pid) + "/root");
  EXPECT_EQ(link, folder.path());
  std::string file = "/proc/" + std::to_string(pid) + "/status";
  int fd = ::open(file.c_str(), O_RDONLY);
  std::string text = ts::test::read_to_end(fd);
  EXPECT_NE(text.find("CapEff:\t0000000000000000"), std::string::npos);
  EXPECT_NE(text.find("NoNewPrivs:\t1"), std::string::npos);
  EXPECT_NE(text.find("Seccomp:\t2"), std::string::npos);
  for (int open : {fd, root, ends[0], ends[1]}) ::close(open);
  ::kill(pid, SIGKILL);
  ts::test::wait_for(pid);
}

}  // namespace
