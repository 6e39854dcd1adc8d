#include "lib/os/spawn.h"

#include <linux/capability.h>
#include <signal.h>
#include <sys/stat.h>

#include <cstdio>

#include "tests/unit/os/support.h"

namespace {

using ts::os::Identity;
using ts::os::Spawn;
using ts::test::run;
using ts::test::shell;

constexpr uid_t kNobody = 65534;

TEST(Spawn, EnvironmentIsWholeAndArgumentsArriveAsTheyAre) {
  auto what = shell("printf '%s|' \"$1\" \"$2\"; env | sort");
  what.arguments.insert(what.arguments.end(), {"sh", "a b", "$(c)"});
  what.environment.push_back("ONLY=this");
  auto outcome = run(what);
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(outcome->output, "a b|$(c)|ONLY=this\nPATH=/usr/bin:/bin\nPWD=/\n");
}

TEST(Spawn, GivesExactlyTheDescriptorsNamedAlsoWhenNumbersCross) {
  std::array<int, 2> one{}, two{};
  ASSERT_EQ(::pipe(one.data()), 0);  // on purpose not close-on-exec
  ASSERT_EQ(::pipe(two.data()), 0);
  auto what = shell("echo to-$A >&3; echo to-$B >&4; ls /proc/self/fd");
  // Each is wanted at a number that the other may have here.
  what.fds = {{one[1], 3}, {two[1], 4}};
  what.environment.insert(what.environment.end(), {"A=one", "B=two"});
  auto outcome = run(what);
  ASSERT_TRUE(outcome) << outcome.error().message;
  ::close(one[1]);
  ::close(two[1]);
  EXPECT_EQ(ts::test::read_to_end(one[0]), "to-one\n");
  EXPECT_EQ(ts::test::read_to_end(two[0]), "to-two\n");
  ::close(one[0]);
  ::close(two[0]);
  EXPECT_EQ(outcome->output, "0\n1\n2\n3\n4\n5\n");  // 5: ls's own
}

TEST(Spawn, TellsWhatFailedAndWhy) {
  Spawn what;
  what.program = "/nonexistent/program";
  auto missing = ts::os::spawn(what);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().error_number, ENOENT);
  what.program = "/etc/passwd";
  auto no_program = ts::os::spawn(what);
  ASSERT_FALSE(no_program);
  EXPECT_EQ(no_program.error().error_number, EACCES);
  EXPECT_NE(no_program.error().message.find("exec"), std::string::npos);
  auto folder = shell("true");
  folder.working_folder = "/nonexistent";
  auto no_folder = ts::os::spawn(folder);
  ASSERT_FALSE(no_folder);
  EXPECT_NE(no_folder.error().message.find("working folder"), std::string::npos);
}

TEST(Spawn, SignalsAreAsAtTheStartOfALogin) {
  ::signal(SIGPIPE, SIG_IGN);
  sigset_t blocked;
  ::sigemptyset(&blocked);
  ::sigaddset(&blocked, SIGUSR1);
  ::sigprocmask(SIG_BLOCK, &blocked, nullptr);
  auto outcome = run(shell("grep -E '^Sig(Blk|Ign)' /proc/self/status"));
  ::sigprocmask(SIG_UNBLOCK, &blocked, nullptr);
  ::signal(SIGPIPE, SIG_DFL);
  ASSERT_TRUE(outcome) << outcome.error().message;
  // Signals 32 and 33 are glibc's own: it lets nobody set them, and some launchers leave them ignored.
  constexpr unsigned long long kGlibcOwn = 3ull << 31;
  unsigned long long blocked_then = 1, ignored_then = 1;
  ASSERT_EQ(std::sscanf(outcome->output.c_str(), "SigBlk: %llx SigIgn: %llx", &blocked_then, &ignored_then),
            2);
  EXPECT_EQ(blocked_then, 0u) << outcome->output;
  EXPECT_EQ(ignored_then & ~kGlibcOwn, 0u) << outcome->output;
}

TEST(Spawn, BecomesTheUserWhollyAndForGood) {
  if (!ts::test::is_root()) GTEST_SKIP() << "only root can become another user";
  auto what = shell("grep -E '^(Uid|Gid|Groups|CapEff|CapPrm)' /proc/self/status");
  what.identity = Identity{kNobody, kNobody, {kNobody, 100}};
  auto outcome = run(what);
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(outcome->output,
            "Uid:\t65534\t65534\t65534\t65534\nGid:\t65534\t65534\t65534\t65534\nGroups:\t100 65534 \n"
            "CapPrm:\t0000000000000000\nCapEff:\t0000000000000000\n");
}

TEST(Spawn, AnOrdinaryUserCannotBecomeAnother) {
  if (ts::test::is_root()) GTEST_SKIP() << "root can";
  auto what = shell("true");
  what.identity = Identity{0, 0, {}};
  EXPECT_FALSE(ts::os::spawn(what));
}

TEST(Spawn, KeepsTheNamedCapabilityAndNoOther) {
  if (!ts::test::is_root()) GTEST_SKIP() << "only root has capabilities to pass on";
  auto what = shell("grep -E '^(CapEff|CapBnd|CapAmb|NoNewPrivs)' /proc/self/status");
  what.identity = Identity{kNobody, kNobody, {}};
  what.ambient_capabilities = {CAP_SYS_CHROOT};
  what.no_new_privs = true;
  auto outcome = run(what);
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(
      outcome->output,
      "CapEff:\t0000000000040000\nCapBnd:\t0000000000040000\nCapAmb:\t0000000000040000\nNoNewPrivs:\t1\n");
}

TEST(Spawn, StartsAProgramFromAFolderThatOnlyRootMayEnter) {
  if (!ts::test::is_root()) GTEST_SKIP() << "only root can become another user";
  ts::test::TemporaryFolder folder;
  auto program = folder.path() / "id-of-us";
  std::filesystem::copy_file("/usr/bin/id", program);
  ASSERT_EQ(::chmod(folder.path().c_str(), 0700), 0);
  Spawn what;
  what.program = program;
  what.arguments = {"-u"};
  what.identity = Identity{kNobody, kNobody, {}};
  auto outcome = run(what);
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(outcome->output, "65534\n");
}

TEST(Spawn, ListenPidIsTheChildsOwn) {
  auto what = shell("test \"$LISTEN_PID\" = $$ && echo \"$LISTEN_FDS\"");
  what.environment.push_back("LISTEN_FDS=2");
  what.systemd_listen = true;
  auto outcome = run(what);
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(outcome->output, "2\n");
}

TEST(Spawn, FollowsItsParentIntoDeath) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe(ends.data()), 0);
  pid_t parent = ::fork();
  if (parent == 0) {
    Spawn what = shell("kill -KILL $PPID; read never <&9");
    std::array<int, 2> silent{};
    (void)!::pipe(silent.data());
    what.fds = {{ends[1], 3}, {silent[0], 9}};
    what.fds.push_back({silent[1], 8});
    what.die_with_parent = true;
    (void)ts::os::spawn(what);
    ::pause();
    ::_exit(0);
  }
  ::close(ends[1]);
  EXPECT_TRUE(WIFSIGNALED(ts::test::wait_for(parent)));
  // The end of file comes when the grandchild, the last who holds the other end, is gone.
  EXPECT_EQ(ts::test::read_to_end(ends[0]), "");
  ::close(ends[0]);
}

}  // namespace
