// Many processes are read by a child, which none of them can hold up for good.
#include "lib/os/process_scan.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/unit/os/support.h"

namespace {

using ts::os::ProcessInfo;
using ts::os::ProcessScan;
using namespace std::chrono_literals;

class ProcessScanTest : public ::testing::Test {
 protected:
  void SetUp() override {
    for (int i = 0; i < 3; ++i) {
      ts::os::Spawn what;
      what.program = "/bin/sleep";
      what.arguments = {std::to_string(1000 + i)};
      auto pid = ts::os::spawn(what);
      ASSERT_TRUE(pid) << pid.error().message;
      pids_.push_back(*pid);
    }
  }
  void TearDown() override {
    for (pid_t pid : pids_) {
      ::kill(pid, SIGKILL);
      ts::test::wait_for(pid);
    }
  }
  /// Looks until all is told; at most 10 s.
  static std::vector<ProcessInfo> all_of(ProcessScan& scan) {
    std::vector<ProcessInfo> out;
    bool done = false;
    for (int round = 0; round < 1000 && !(done = scan.look(out)); ++round) ::poll(nullptr, 0, 10);
    EXPECT_TRUE(done);
    EXPECT_FALSE(scan.reader());
    return out;
  }

  std::vector<pid_t> pids_;
};

TEST_F(ProcessScanTest, TellsEachOnceInOrderAndNothingOfThoseThatAreGone) {
  ProcessScan scan({pids_[0], 0x7ffffff0, pids_[1], pids_[2]}, {10s, 10s});
  ASSERT_TRUE(scan.reader());
  pid_t reader = *scan.reader();
  auto found = all_of(scan);
  ASSERT_EQ(found.size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(found[i].pid, pids_[i]);
    EXPECT_EQ(found[i].uid, ::geteuid());
    EXPECT_TRUE(found[i].memory);
    EXPECT_NE(found[i].command.find(std::to_string(1000 + i)), std::string::npos) << found[i].command;
  }
  ts::test::wait_for(reader);
}

TEST_F(ProcessScanTest, OfNoneThereIsNothingToTell) {
  ProcessScan scan{std::vector<pid_t>()};
  std::vector<ProcessInfo> out;
  EXPECT_TRUE(scan.look(out));
  EXPECT_TRUE(out.empty());
}

// What a child waits for in the kernel (a lock of another process's memory) is stood in for by a stopped
// child.

TEST_F(ProcessScanTest, AChildThatIsStuckIsReplacedAndNobodyIsLeftOut) {
  // Until one is stopped before it is done.
  for (int round = 0; round < 200; ++round) {
    ProcessScan scan(pids_, {50ms, 10s});
    ASSERT_TRUE(scan.reader());
    pid_t reader = *scan.reader();
    ::kill(reader, SIGSTOP);
    auto found = all_of(scan);
    ts::test::wait_for(reader);
    ASSERT_EQ(found.size(), 3U);
    for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(found[i].pid, pids_[i]);
    // The others are whole: a second child has read them.
    auto whole =
        std::count_if(found.begin(), found.end(), [](const auto& one) { return one.memory.has_value(); });
    EXPECT_GE(whole, 2);
    while (::waitpid(-1, nullptr, WNOHANG) > 0) {
    }
    if (whole == 2) return;
  }
  FAIL() << "no child was stopped in time";
}

TEST_F(ProcessScanTest, WhenAllTakesTooLongTheRestIsToldWithoutMemory) {
  for (int round = 0; round < 200; ++round) {
    ProcessScan scan(pids_, {10s, 50ms});
    ASSERT_TRUE(scan.reader());
    pid_t reader = *scan.reader();
    ::kill(reader, SIGSTOP);
    auto found = all_of(scan);
    ts::test::wait_for(reader);
    ASSERT_EQ(found.size(), 3U);
    if (found.back().memory) continue;
    EXPECT_FALSE(found.back().name.empty());
    EXPECT_TRUE(found.back().command.empty());
    return;
  }
  FAIL() << "no child was stopped in time";
}

}  // namespace
