// Signals by number and name reach members of the tree only, and with an account's rights no more than it
// may.
#include "lib/os/process_signal.h"

#include <signal.h>

#include <cerrno>

#include "tests/unit/os/support.h"

namespace {

using ts::os::ProcessTree;
using ts::os::signal_members;
using ts::test::shell;

class ProcessSignalTest : public ::testing::Test {
 protected:
  /// A process that has said that it runs; ended with the test.
  pid_t start(const std::string& script, std::optional<ts::os::Identity> identity = {}) {
    std::array<int, 2> ends{};
    EXPECT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
    ts::UniqueFd reader(ends[0]), writer(ends[1]);
    auto what = shell(script);
    what.fds = {{writer.get(), 9}};
    what.identity = identity;
    auto pid = ts::os::spawn(what);
    EXPECT_TRUE(pid);
    writer.reset();
    char up = 0;
    EXPECT_EQ(::read(reader.get(), &up, 1), 1);
    started_.push_back(pid.value_or(-1));
    return started_.back();
  }
  void TearDown() override {
    for (pid_t pid : started_)
      if (pid > 0 && ::kill(pid, SIGKILL) == 0) ts::test::wait_for(pid);
  }
  /// By which signal it ended.
  int ended_by(pid_t pid) {
    std::erase(started_, pid);
    int status = ts::test::wait_for(pid);
    return WIFSIGNALED(status) ? WTERMSIG(status) : -1;
  }
  static bool alive(pid_t pid) { return ::waitpid(pid, nullptr, WNOHANG) == 0; }

  // `exec`, so that the process that was started is the one that is called so.
  static constexpr const char* kTail = "echo >&9; exec tail -f /dev/null 9>&-";
  ProcessTree ours_{::getpid(), {}, std::nullopt};
  ProcessTree nobodys_{1 << 30, {}, std::nullopt};
  std::vector<pid_t> started_;
};

TEST_F(ProcessSignalTest, ReachesTheOneOfThatNumberIfItIsAMember) {
  pid_t one = start(kTail), other = start(kTail);
  auto outcome = signal_members(nobodys_, {.pid = one, .signal = SIGKILL});
  EXPECT_EQ(outcome.found, 0U);
  EXPECT_TRUE(alive(one)) << "no member of that tree";
  outcome = signal_members(ours_, {.pid = one, .signal = SIGUSR1});
  EXPECT_EQ(outcome.found, 1U);
  EXPECT_EQ(outcome.signalled, 1U);
  EXPECT_EQ(ended_by(one), SIGUSR1);
  EXPECT_TRUE(alive(other));
  EXPECT_EQ(signal_members(ours_, {.pid = one, .signal = SIGTERM}).found, 0U) << "it has gone";
  EXPECT_EQ(signal_members(ours_, {.pid = 1, .signal = SIGCONT}).found, 0U) << "init is no member";
}

TEST_F(ProcessSignalTest, ReachesAllOfAName) {
  pid_t one = start(kTail), two = start(kTail), other = start("echo >&9; exec sleep 1000 9>&-");
  // Started, and called so a moment later.
  auto count = [&](const char* name) {
    std::uint32_t found = 0;
    for (int round = 0; round < 1000 && found < 2; ++round)
      found = signal_members(ours_, {.name = name, .signal = SIGCONT}).found;
    return found;
  };
  EXPECT_EQ(count("tail"), 2U);
  auto outcome = signal_members(ours_, {.name = "tail", .signal = SIGTERM});
  EXPECT_EQ(outcome.signalled, 2U);
  EXPECT_EQ(ended_by(one), SIGTERM);
  EXPECT_EQ(ended_by(two), SIGTERM);
  EXPECT_TRUE(alive(other));
  EXPECT_EQ(signal_members(ours_, {.name = "tai", .signal = SIGTERM}).found, 0U) << "a part is no name";
}

TEST_F(ProcessSignalTest, KnowsNamesThatTheKernelCuts) {
  ts::test::TemporaryFolder folder;
  auto program = folder.path() / "a-program-with-a-long-name";
  std::filesystem::copy_file("/usr/bin/tail", program);
  pid_t one = start("echo >&9; exec " + program.string() + " -f /dev/null 9>&-");
  EXPECT_EQ(signal_members(ours_, {.name = "a-program-with-a-lone-name", .signal = SIGTERM}).found, 0U);
  std::uint32_t found = 0;
  for (int round = 0; round < 1000 && found == 0; ++round)
    found = signal_members(ours_, {.name = "a-program-with-a-long-name", .signal = SIGTERM}).found;
  EXPECT_EQ(found, 1U);
  EXPECT_EQ(ended_by(one), SIGTERM);
}

TEST_F(ProcessSignalTest, AnAccountReachesOnlyItsOwn) {
  if (!ts::test::is_root()) GTEST_SKIP() << "needs root";
  constexpr uid_t kSomebody = 64123, kOther = 64124;
  pid_t own = start(kTail, ts::os::Identity{kSomebody, kSomebody, {}});
  pid_t roots = start(kTail);
  auto outcome = signal_members(ours_, {.pid = roots, .signal = SIGKILL, .as = kSomebody});
  EXPECT_EQ(outcome.found, 1U);
  EXPECT_EQ(outcome.signalled, 0U);
  EXPECT_EQ(outcome.error_number, EPERM);
  outcome = signal_members(ours_, {.pid = own, .signal = SIGKILL, .as = kOther});
  EXPECT_EQ(outcome.signalled, 0U);
  outcome = signal_members(ours_, {.pid = own, .signal = SIGKILL, .as = kSomebody});
  EXPECT_EQ(outcome.signalled, 1U);
  EXPECT_EQ(outcome.error_number, 0);
  EXPECT_EQ(ended_by(own), SIGKILL);
  EXPECT_TRUE(alive(roots));
}

}  // namespace
