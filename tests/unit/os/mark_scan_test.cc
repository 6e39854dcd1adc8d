// The search for marks among processes whose owners do not want to be searched.
#include "lib/os/mark_scan.h"

#include <poll.h>
#include <signal.h>

#include <optional>

#include "lib/base/random.h"
#include "lib/os/process_tree.h"
#include "tests/unit/os/support.h"

namespace {

using ts::os::MarkScan;
using ts::os::ProcessTree;
using namespace std::chrono_literals;

class MarkScanTest : public ::testing::Test {
 protected:
  void TearDown() override {
    for (pid_t pid : started_) {
      ::kill(pid, SIGKILL);
      ts::test::wait_for(pid);
    }
  }
  void start(std::vector<std::string> environment) {
    ts::os::Spawn what;
    what.program = "/bin/sleep";
    what.arguments = {"1000"};
    what.environment = std::move(environment);
    auto pid = ts::os::spawn(what);
    ASSERT_TRUE(pid) << pid.error().message;
    started_.push_back(*pid);
  }
  /// Looks until it has ended, and reaps it; at most 10 s.
  static MarkScan::State end_of(MarkScan& scan) {
    auto state = MarkScan::State::kRunning;
    for (int round = 0; round < 1000 && (state = scan.look()) == MarkScan::State::kRunning; ++round)
      ::poll(nullptr, 0, 10);
    return state;
  }

  std::string mark_ = "TS_TEST_MARK=" + ts::random_password(16);
  std::vector<pid_t> started_;
};

TEST_F(MarkScanTest, FindsThoseThatBearAllMarksInTheFirst128KiB) {
  const std::string pad(100 * 1024, 'x');
  start({mark_, "OTHER=1", "PAD=" + pad});
  start({"PAD=" + pad, "OTHER=1", mark_});
  start({"PAD=" + pad, "MORE=" + pad, "OTHER=1", mark_});
  start({mark_, "OTHER=2"});
  start({"X" + mark_, "OTHER=1", mark_ + "x"});
  auto scan = MarkScan::start({mark_, "OTHER=1"}, 10s);
  ASSERT_TRUE(scan) << scan.error().message;
  EXPECT_EQ(end_of(*scan), MarkScan::State::kDone);
  std::vector<pid_t> found;
  for (auto& one : scan->found()) {
    found.push_back(one.pid);
    EXPECT_GT(one.began, 0U);
  }
  EXPECT_EQ(found, (std::vector<pid_t>{started_[0], started_[1]}));
  ts::test::wait_for(scan->pid());
}

// What a scan waits for in the kernel (a lock of another process's memory) is stood in for by a stopped
// child.

TEST_F(MarkScanTest, AScanThatDoesNotComeBackIsKilled) {
  std::optional<MarkScan> scan;
  auto state = MarkScan::State::kDone;
  // Until one is stopped before it is done.
  for (int round = 0; round < 200 && state == MarkScan::State::kDone; ++round) {
    auto begun = MarkScan::start({mark_}, 300ms);
    ASSERT_TRUE(begun) << begun.error().message;
    ::kill(begun->pid(), SIGSTOP);
    state = end_of(*begun);
    pid_t pid = begun->pid();
    { MarkScan gone(std::move(*begun)); }
    ts::test::wait_for(pid);
  }
  EXPECT_EQ(state, MarkScan::State::kLate);
}

TEST_F(MarkScanTest, ALookDoesNotWaitForItAndEndsWithoutIt) {
  ProcessTree tree(1 << 30, {mark_}, std::nullopt);
  EXPECT_FALSE(tree.look().nothing_left) << "the scan has only begun";
  ASSERT_TRUE(tree.scanner());
  pid_t scanner = *tree.scanner();
  ::kill(scanner, SIGSTOP);
  bool ended = false;
  for (int round = 0; round < 1000 && !(ended = tree.look().nothing_left); ++round) ::poll(nullptr, 0, 10);
  EXPECT_TRUE(ended);
  EXPECT_FALSE(tree.scanner());
  ts::test::wait_for(scanner);
}

}  // namespace
