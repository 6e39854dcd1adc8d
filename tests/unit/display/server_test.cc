// The display server as the host sees it: ready, private, gone without a trace.
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>

#include "lib/os/display_number.h"
#include "tests/unit/display/harness.h"

namespace ts::display::test {
namespace {

std::string socket_of(int display) {
  return fmt::format("/tmp/.X11-unix/X{}", display);
}

TEST(DisplayServer, IsReadyWithFramebufferAndCookieAndLeavesNothingInItsFolder) {
  SessionDisplay session;
  EXPECT_TRUE(std::filesystem::is_empty(session.folder.path));
  EXPECT_TRUE(std::filesystem::exists(socket_of(session.ready.display)));
  auto layout = framebuffer_layout(session.server->framebuffer());
  ASSERT_TRUE(layout) << layout.error().message;
  EXPECT_EQ(layout->max_size, (Size{1600, 1200}));
  EXPECT_EQ(layout->stride, 1600u * 4);
  TestProgram program = session.program();
  program.sync();
}

TEST(DisplayServer, RefusesAWrongCookieAlsoLaterOn) {
  SessionDisplay session;
  Cookie wrong = session.ready.cookie;
  wrong[0] ^= std::byte{1};
  EXPECT_FALSE(X11Connection::open(session.ready.display, wrong));
  EXPECT_TRUE(X11Connection::open(session.ready.display, session.ready.cookie));
  EXPECT_FALSE(X11Connection::open(session.ready.display, wrong));
}

/// Connects to the display's socket by its name in the file system or in the abstract name space.
int connect_error(int display, bool abstract) {
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  const std::string path = socket_of(display);
  path.copy(name.sun_path + (abstract ? 1 : 0), path.size());
  const auto size =
      static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + (abstract ? 1 : 0) + path.size());
  UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  return ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&name), size) == 0 ? 0 : errno;
}

TEST(DisplayServer, ListensAtItsPathAndNotAtAnAbstractName) {
  SessionDisplay session;
  EXPECT_EQ(connect_error(session.ready.display, false), 0);
  EXPECT_EQ(connect_error(session.ready.display, true), ECONNREFUSED);
}

TEST(DisplayServer, FramebufferCannotShrinkAndReadersCannotWrite) {
  SessionDisplay session;
  EXPECT_NE(::ftruncate(session.server->framebuffer(), 4096), 0);
  EXPECT_EQ(errno, EPERM);
  int reader = session.server->framebuffer_readonly();
  EXPECT_EQ(::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, reader, 0), MAP_FAILED);
  struct stat status {};
  ASSERT_EQ(::fstat(reader, &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
  EXPECT_EQ(status.st_uid, display_identity() ? display_identity()->uid : ::getuid());
}

TEST(DisplayServer, TwoStartAtOnceAndGetDifferentDisplays) {
  Waiter waiter;
  Folder folder;
  std::vector<int> displays;
  std::vector<std::unique_ptr<DisplayServer>> servers;
  for (int i = 0; i < 2; ++i) {
    auto started = start_xvfb(waiter.loop,
                              {.identity = display_identity(), .max_size = {640, 480}, .folder = folder.path},
                              {.on_ready =
                                   [&](const ServerReady& ready) {
                                     displays.push_back(ready.display);
                                     waiter.loop.stop();
                                   },
                               .on_exit = [&](const std::string& reason) { ADD_FAILURE() << reason; }});
    ASSERT_TRUE(started) << started.error().message;
    servers.push_back(std::move(*started));
  }
  ASSERT_TRUE(waiter.until([&] { return displays.size() == 2; }));
  EXPECT_NE(displays[0], displays[1]);
}

TEST(DisplayServer, StopTellsItsEndAndRemovesItsSocket) {
  SessionDisplay session;
  session.process.reset();
  session.server->stop();
  ASSERT_TRUE(session.waiter.until([&] { return !session.server_end.empty(); }));
  EXPECT_EQ(session.server_end, "the display server ended with status 0");
  EXPECT_FALSE(std::filesystem::exists(socket_of(session.ready.display)));
}

TEST(DisplayServer, AKilledOneLeavesNoSocketEither) {
  SessionDisplay session;
  ::kill(session.server->pid(), SIGKILL);
  ASSERT_TRUE(
      session.waiter.until([&] { return !session.server_end.empty() && !session.process_end.empty(); }));
  EXPECT_THAT(session.server_end, ::testing::HasSubstr("was killed by signal 9"));
  EXPECT_EQ(session.process_end, "tsdisplay ended with status 1");
  EXPECT_FALSE(std::filesystem::exists(socket_of(session.ready.display)));
}

TEST(DisplayServer, TheDisplayProcessEndsCleanlyOnSigterm) {
  SessionDisplay session;
  auto stack = session.attach();
  ASSERT_TRUE(stack->next<Geometry>());
  ::kill(session.process->pid(), SIGTERM);
  ASSERT_TRUE(session.waiter.until([&] { return !session.process_end.empty() && stack->closed; }));
  EXPECT_EQ(session.process_end, "tsdisplay ended with status 0");
  session.program().sync();  // the display server goes on
}

/// A host that is killed takes both with it; the socket is removed by whoever was told of it (tsspawn), and
/// not before.
TEST(DisplayServer, NothingOutlivesAKilledHost) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const pid_t host = ::fork();
  if (host == 0) {
    SessionDisplay session;
    std::filesystem::remove_all(session.folder.path);  // nobody will later
    const pid_t pids[] = {session.server->pid(), session.process->pid(), session.ready.display};
    if (::write(ends[1], pids, sizeof pids) != sizeof pids) ::_exit(1);
    for (;;) ::pause();
  }
  ::close(ends[1]);
  UniqueFd told(ends[0]);
  pid_t pids[3] = {};
  ASSERT_EQ(::read(told.get(), pids, sizeof pids), static_cast<ssize_t>(sizeof pids));
  UniqueFd server(static_cast<int>(::syscall(SYS_pidfd_open, pids[0], 0)));
  UniqueFd process(static_cast<int>(::syscall(SYS_pidfd_open, pids[1], 0)));
  ::kill(host, SIGKILL);
  ASSERT_EQ(::waitpid(host, nullptr, 0), host);
  for (const UniqueFd* gone : {&server, &process}) {
    pollfd ended{gone->get(), POLLIN, 0};
    EXPECT_EQ(::poll(&ended, 1, 20000), 1);
  }
  os::DisplayNumber::clear_after_death(pids[2]);
  EXPECT_FALSE(std::filesystem::exists(socket_of(pids[2])));
}

/// Whoever creates it first owns it: a compiled keymap under the name of each display that comes next.
TEST(DisplayServer, StartsWhateverOthersPutIntoTmp) {
  if (::geteuid() != 0) GTEST_SKIP() << "without root all share one /tmp";
  constexpr int kNoMount = 77;
  const pid_t child = ::fork();
  if (child == 0) {
    // A machine of its own, so that nobody else's displays are disturbed.
    bool made = ::unshare(CLONE_NEWNS | CLONE_NEWNET) == 0 &&
                ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
                ::mount("tmpfs", "/tmp", "tmpfs", 0, "mode=1777") == 0;
    if (!made && errno == EINVAL) ::_exit(kNoMount);
    EXPECT_TRUE(made) << std::strerror(errno);
    for (int i = 0; made && i < 20; ++i) {
      for (const std::string& name :
           {fmt::format("/tmp/server-{}.xkm", i), fmt::format("/tmp/.tX{}-lock", i)}) {
        UniqueFd file(::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
        EXPECT_EQ(::fchown(file.get(), 65534, 65534), 0);
      }
    }
    Waiter waiter;
    Folder folder;
    int display = -1;
    std::string gone;
    auto server = start_xvfb(waiter.loop,
                             {.identity = display_identity(), .max_size = {640, 480}, .folder = folder.path},
                             {.on_ready =
                                  [&](const ServerReady& ready) {
                                    display = ready.display;
                                    waiter.loop.stop();
                                  },
                              .on_exit =
                                  [&](const std::string& reason) {
                                    gone = reason;
                                    waiter.loop.stop();
                                  }});
    EXPECT_TRUE(server);
    waiter.until([&] { return display >= 0 || !gone.empty(); });
    EXPECT_EQ(display, 0);
    EXPECT_EQ(gone, "");
    if (server) server->reset();
    ::_exit(::testing::Test::HasFailure() ? 1 : 0);
  }
  int status = -1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  if (WIFEXITED(status) && WEXITSTATUS(status) == kNoMount)
    GTEST_SKIP() << "the root folder is no mount (chroot)";
  EXPECT_EQ(status, 0);
}

TEST(DisplayServer, DestroyingItEndsTheProcess) {
  SessionDisplay session;
  const pid_t pid = session.server->pid();
  session.process.reset();
  session.server.reset();
  EXPECT_EQ(::kill(pid, 0), -1);
  EXPECT_FALSE(std::filesystem::exists(socket_of(session.ready.display)));
}

TEST(DisplayServer, ADeadServersNumberIsUsedAgain) {
  int display = -1;
  {
    SessionDisplay session;
    display = session.ready.display;
  }
  // What a server leaves when it and its host are killed.
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  std::strcpy(name.sun_path, socket_of(display).c_str());
  UniqueFd left(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (::bind(left.get(), reinterpret_cast<sockaddr*>(&name), sizeof name) != 0)
    GTEST_SKIP() << "taken meanwhile";
  left.reset();
  SessionDisplay session;
  EXPECT_LE(session.ready.display, display);
}

TEST(DisplayServer, MissingProgramIsSaidWithWhatToDo) {
  Waiter waiter;
  Folder folder;
  auto started = start_xvfb(waiter.loop, {.folder = folder.path, .program = "/nonexistent/Xvfb"}, {});
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(started.error().message,
            "Xvfb is not installed ('/nonexistent/Xvfb'): install the package 'xvfb'");
  EXPECT_TRUE(std::filesystem::is_empty(folder.path));
}

TEST(DisplayServer, OneThatDoesNotStartTellsWhy) {
  Waiter waiter;
  Folder folder;
  std::string reason;
  auto started = start_xvfb(waiter.loop, {.max_size = {0, 0}, .folder = folder.path},
                            {.on_ready = [&](const ServerReady&) { ADD_FAILURE(); },
                             .on_exit =
                                 [&](const std::string& why) {
                                   reason = why;
                                   waiter.loop.stop();
                                 }});
  ASSERT_TRUE(started) << started.error().message;
  ASSERT_TRUE(waiter.until([&] { return !reason.empty(); }));
  EXPECT_THAT(reason, ::testing::HasSubstr("before it was ready"));
  EXPECT_TRUE(std::filesystem::is_empty(folder.path));
}

TEST(DisplayServer, XauthorityEntryIsOneXauUnderstands) {
  Cookie cookie;
  cookie.fill(std::byte{0x41});
  EXPECT_EQ(xauthority_entry(12, cookie), std::string("\xff\xff\0\0\0\2"
                                                      "12\0\x12MIT-MAGIC-COOKIE-1\0\x10",
                                                      6 + 2 + 2 + 18 + 2) +
                                              std::string(16, 'A'));
}

/// The same as an ordinary user: this very binary, started again.
TEST(DisplayServer, EverythingWorksWithoutRoot) {
  if (::geteuid() != 0) GTEST_SKIP() << "already an ordinary user";
  Folder folder;
  constexpr uid_t kNobody = 65534;
  ASSERT_EQ(::chown(folder.path.c_str(), kNobody, kNobody), 0);
  const auto copy = folder.path / "tsdisplay";
  ASSERT_TRUE(std::filesystem::copy_file(TS_BUILD_DIR "/libexec/tsdisplay", copy));
  os::Spawn what;
  what.program = std::filesystem::read_symlink("/proc/self/exe");
  what.arguments = {"--gtest_filter=DisplayServer.*:Desktop.*:Input.Each*", "--gtest_brief=1"};
  what.environment = {"PATH=/usr/bin:/bin", "TMPDIR=" + folder.path.string(),
                      "TS_TSDISPLAY=" + copy.string()};
  what.identity = os::Identity{kNobody, kNobody, {}};
  auto pid = os::spawn(what);
  ASSERT_TRUE(pid) << pid.error().message;
  int status = -1;
  ASSERT_EQ(::waitpid(*pid, &status, 0), *pid);
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace ts::display::test
