#include "lib/os/process_tree.h"

#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include <algorithm>
#include <fstream>
#include <functional>
#include <thread>

#include "lib/base/random.h"
#include "lib/os/cgroup.h"
#include "tests/unit/os/support.h"

namespace {

using ts::os::ProcessTree;
using ts::test::shell;

/// This process is the subreaper, as tshost is; what the tests leave is found and ended here.
class ProcessTreeTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(::prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
    ASSERT_EQ(::pipe2(alive_.data(), O_CLOEXEC), 0);
  }
  void TearDown() override { close_ours(); }
  void close_ours() {
    for (int& end : alive_) {
      if (end >= 0) ::close(end);
      end = -1;
    }
  }
  /// Starts it with a descriptor (9) whose last copy's closing shows that all its processes are gone.
  pid_t start(const std::string& script) {
    auto what = shell(script);
    what.environment.push_back(mark_);
    what.fds = {{alive_[1], 9}};
    auto pid = ts::os::spawn(what);
    EXPECT_TRUE(pid);
    return pid.value_or(-1);
  }
  /// KILL, reap, again, as a session's end does; true when all have gone within 10 s.
  bool kill_all(ProcessTree tree) { return kill_all_of(tree); }
  bool kill_all_of(ProcessTree& tree) {
    ::close(alive_[1]);
    alive_[1] = -1;
    for (int round = 0; round < 1000; ++round) {
      tree.signal(SIGKILL);
      while (::waitpid(-1, nullptr, WNOHANG) > 0) {
      }
      pollfd gone{alive_[0], POLLIN, 0};
      if (::poll(&gone, 1, 10) == 1 && tree.look().nothing_left) return true;
    }
    return false;
  }
  /// Looks until it is so, for at most 10 s; reaps what ends, as who looks does.
  static bool scanned(const std::function<bool()>& so) {
    for (int round = 0; round < 1000; ++round) {
      if (so()) return true;
      ::poll(nullptr, 0, 10);
      while (::waitpid(-1, nullptr, WNOHANG) > 0) {
      }
    }
    return false;
  }
  /// Waits until the script has said so.
  void expect_line(int fd, const std::string& line) {
    std::string got(line.size(), 0);
    ASSERT_EQ(::read(fd, got.data(), got.size()), static_cast<ssize_t>(got.size()));
    EXPECT_EQ(got, line);
  }

  std::string mark_ = "TS_TEST_MARK=" + ts::random_password(16);
  std::array<int, 2> alive_{-1, -1};
};

TEST_F(ProcessTreeTest, FindsAndEndsADaemonThatForkedTwiceAndClearedItsEnvironment) {
  start("(setsid env -i /bin/sh -c 'echo up >&9; sleep 1000; :' &) ; exit 0");
  ASSERT_NO_FATAL_FAILURE(expect_line(alive_[0], "up\n"));
  ProcessTree tree(::getpid(), {}, std::nullopt);
  EXPECT_FALSE(tree.members().empty());
  EXPECT_TRUE(kill_all_of(tree));
}

TEST_F(ProcessTreeTest, EndsWhatIgnoresTermAndWhatIsStopped) {
  start("trap '' TERM; (kill -STOP $$) & echo up >&9; while :; do sleep 1000; done");
  ASSERT_NO_FATAL_FAILURE(expect_line(alive_[0], "up\n"));
  ProcessTree tree(::getpid(), {mark_}, std::nullopt);
  EXPECT_GE(tree.signal(SIGTERM), 1U);
  EXPECT_TRUE(kill_all_of(tree));
}

TEST_F(ProcessTreeTest, FindsByMarkWhatIsNoDescendant) {
  start("echo up >&9; sleep 1000; :");
  ASSERT_NO_FATAL_FAILURE(expect_line(alive_[0], "up\n"));
  // As seen from a root that has no children at all.
  ProcessTree marked(1 << 30, {mark_}, std::nullopt);
  EXPECT_TRUE(scanned([&] { return !marked.members().empty(); }));
  // Only whole variables count.
  for (const std::string& near : {mark_ + "x", mark_.substr(1), mark_.substr(0, mark_.size() - 1)}) {
    ProcessTree other(1 << 30, {near}, std::nullopt);
    EXPECT_TRUE(scanned([&] { return other.look().nothing_left; }));
    EXPECT_TRUE(other.members().empty());
  }
  EXPECT_TRUE(kill_all_of(marked));
}

TEST_F(ProcessTreeTest, LooksForNoMarkWhereThereIsACgroup) {
  auto cgroup = ts::os::Cgroup::create("session-test-" + ts::random_password(8));
  if (!cgroup) GTEST_SKIP() << "no cgroup2 that this user may write";
  start("echo up >&9; sleep 1000; :");
  ASSERT_NO_FATAL_FAILURE(expect_line(alive_[0], "up\n"));
  ProcessTree tree(1 << 30, {mark_}, cgroup);
  EXPECT_TRUE(tree.look().nothing_left);
  EXPECT_FALSE(tree.scanner());
  cgroup->remove();
  EXPECT_TRUE(kill_all(ProcessTree(::getpid(), {}, std::nullopt)));
}

/// A chain of processes each of which forks the next and ends, without end and deaf to TERM.
constexpr const char* kChain =
    "echo up >&9; exec env -i setsid perl -e '$SIG{TERM} = \"IGNORE\"; for (;;) { my $p = fork; exit if $p "
    "}'";

TEST_F(ProcessTreeTest, AForkChainIsNeverTakenForNothingAndIsEndedWithoutACgroup) {
  start(kChain);
  ASSERT_NO_FATAL_FAILURE(expect_line(alive_[0], "up\n"));
  ProcessTree tree(::getpid(), {}, std::nullopt);
  int empty = 0;
  for (int round = 0; round < 300; ++round) {
    auto look = tree.look();
    empty += look.left.empty() ? 1 : 0;
    EXPECT_FALSE(look.nothing_left) << "in round " << round;
    while (::waitpid(-1, nullptr, WNOHANG) > 0) {
    }
  }
  RecordProperty("empty_lists", empty);
  EXPECT_TRUE(kill_all_of(tree));
}

TEST_F(ProcessTreeTest, FindsAProcessWhoseFirstThreadHasEnded) {
  pid_t pid = ::fork();
  if (pid == 0) {
    std::thread([] { ::poll(nullptr, 0, -1); }).detach();
    // This thread only: the process is shown as a zombie and lives on.
    ::syscall(SYS_exit, 0);
  }
  ProcessTree tree(::getpid(), {}, std::nullopt);
  auto state = [pid] {
    std::ifstream in("/proc/" + std::to_string(pid) + "/stat");
    std::string id, name, out;
    in >> id >> name >> out;
    return out;
  };
  while (state() != "Z") {
    ASSERT_FALSE(state().empty());
    ASSERT_FALSE(tree.look().nothing_left);
  }
  EXPECT_EQ(tree.members(), std::vector<pid_t>{pid});
  EXPECT_FALSE(tree.look().nothing_left);
  EXPECT_TRUE(kill_all_of(tree));
}

TEST_F(ProcessTreeTest, LeavesTheExceptedAndTheirsAlone) {
  pid_t kept = start("sleep 1000 & echo up >&9; wait");
  ASSERT_NO_FATAL_FAILURE(expect_line(alive_[0], "up\n"));
  ProcessTree tree(::getpid(), {mark_}, std::nullopt);
  EXPECT_GE(tree.members().size(), 2U);
  EXPECT_TRUE(tree.members({kept}).empty());
  EXPECT_TRUE(kill_all_of(tree));
}

TEST_F(ProcessTreeTest, ACgroupHoldsWhatWasPutIntoIt) {
  auto cgroup = ts::os::Cgroup::create("session-test-" + ts::random_password(8));
  if (!cgroup) GTEST_SKIP() << "no cgroup2 that this user may write";
  pid_t pid = start("sleep 1000 & echo up >&9; wait");
  ASSERT_NO_FATAL_FAILURE(expect_line(alive_[0], "up\n"));
  auto added = cgroup->add(pid);
  ASSERT_TRUE(added) << added.error().message;
  auto inside = cgroup->processes();
  EXPECT_NE(std::find(inside.begin(), inside.end(), pid), inside.end());
  EXPECT_TRUE(kill_all(ProcessTree(::getpid(), {}, cgroup)));
  cgroup->remove();
  EXPECT_FALSE(std::filesystem::exists(cgroup->folder()));
}

TEST(IsExiting, IsSoAsSoonAsAProcesssFilesAreClosed) {
  for (int round = 0; round < 50; ++round) {
    std::array<int, 2> ends{};
    ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
    auto what = shell("echo up >&9; exec sleep 100");
    what.fds = {{ends[1], 9}};
    auto pid = ts::os::spawn(what);
    ASSERT_TRUE(pid);
    ::close(ends[1]);
    std::array<char, 8> text{};
    ASSERT_EQ(::read(ends[0], text.data(), text.size()), 3);
    ASSERT_FALSE(ts::os::is_exiting(*pid));
    ASSERT_EQ(::kill(*pid, SIGKILL), 0);
    ASSERT_EQ(::read(ends[0], text.data(), text.size()), 0) << "the last one that could write is gone";
    ASSERT_TRUE(ts::os::is_exiting(*pid));
    ASSERT_EQ(ts::test::wait_for(*pid), SIGKILL);
    ASSERT_TRUE(ts::os::is_exiting(*pid));
    ::close(ends[0]);
  }
}

TEST(UidInUse, SeesOurOwnAndNotAStrangers) {
  EXPECT_TRUE(ts::os::uid_in_use(::geteuid()));
  EXPECT_FALSE(ts::os::uid_in_use(4000000001U));
}

}  // namespace
