// What is read of processes: our own, a child with a name of its own making, and those that are not there.
#include "lib/os/process_info.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <ctime>

namespace ts::os {
namespace {

/// A child that waits to be killed, once it has done what it is to do.
class Child {
 public:
  template <typename F>
  explicit Child(F prepare) {
    int ready[2];
    EXPECT_EQ(::pipe(ready), 0);
    pid_ = ::fork();
    if (pid_ == 0) {
      prepare();
      (void)!::write(ready[1], "x", 1);
      for (;;) ::pause();
    }
    char byte;
    EXPECT_EQ(::read(ready[0], &byte, 1), 1);
    ::close(ready[0]);
    ::close(ready[1]);
  }
  ~Child() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  pid_t pid() const { return pid_; }

 private:
  pid_t pid_ = 0;
};

TEST(ProcessInfo, OfOurselves) {
  auto info = process_info(::getpid());
  ASSERT_TRUE(info);
  EXPECT_EQ(info->pid, ::getpid());
  EXPECT_EQ(info->uid, ::geteuid());
  EXPECT_EQ(info->name, "test_os");
  EXPECT_NE(info->command.find("test_os"), std::string::npos);
  ASSERT_TRUE(info->memory);
  EXPECT_GT(info->memory->resident, 100u * 1024);
  EXPECT_LE(info->memory->proportional, info->memory->resident);
  EXPECT_EQ(info->memory->shared + info->memory->alone, info->memory->resident);
}

TEST(ProcessInfo, MemoryThatIsSharedIsToldFromOnesOwn) {
  constexpr std::size_t kSize = 32 << 20;
  void* shared = ::mmap(nullptr, kSize, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(shared, MAP_FAILED);
  std::memset(shared, 1, kSize);
  Child child([&] {
    std::memset(shared, 2, kSize);
    void* own = ::mmap(nullptr, 2 * kSize, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (own != MAP_FAILED) std::memset(own, 1, 2 * kSize);
  });
  auto info = process_info(child.pid());
  ASSERT_TRUE(info && info->memory);
  EXPECT_GE(info->memory->shared, kSize);
  EXPECT_GE(info->memory->alone, 2 * kSize);
  EXPECT_LT(info->memory->alone, 2 * kSize + kSize / 2);
  EXPECT_GE(info->memory->proportional, 2 * kSize + kSize / 2) << "half of what two share";
  EXPECT_LT(info->memory->proportional, info->memory->resident);
  ::munmap(shared, kSize);
}

TEST(ProcessInfo, ProcessorTimeIsCounted) {
  Child child([] {
    while (::clock() < CLOCKS_PER_SEC / 5) {
    }
  });
  auto info = process_info(child.pid());
  ASSERT_TRUE(info);
  EXPECT_GE(info->cpu_time.count(), 180);
  EXPECT_LT(info->cpu_time.count(), 2000);
}

TEST(ProcessInfo, ANameMayHoldAnything) {
  Child child([] { ::prctl(PR_SET_NAME, ") Z 1 (\n\x1b["); });
  auto info = process_info(child.pid());
  ASSERT_TRUE(info);
  EXPECT_EQ(info->name, ") Z 1 (\n\x1b[");
  EXPECT_EQ(info->uid, ::geteuid());
}

TEST(ProcessInfo, WhatIsNotThereOrDeadHasNone) {
  EXPECT_FALSE(process_info(0x7ffffff0));
  pid_t pid = ::fork();
  if (pid == 0) ::_exit(0);
  siginfo_t ended{};
  ASSERT_EQ(::waitid(P_PID, static_cast<id_t>(pid), &ended, WEXITED | WNOWAIT), 0);
  EXPECT_FALSE(process_info(pid)) << "a zombie";
  ::waitpid(pid, nullptr, 0);
}

TEST(Descendants, ChildrenAndTheirChildren) {
  Child child([] {
    int ready[2];
    (void)!::pipe(ready);
    for (int i = 0; i < 3; ++i)
      if (::fork() == 0) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        (void)!::write(ready[1], "x", 1);
        for (;;) ::pause();
      }
    char byte;
    for (int i = 0; i < 3; ++i) (void)!::read(ready[0], &byte, 1);
  });
  auto all = descendants(::getpid(), 100);
  EXPECT_EQ(all.front(), ::getpid());
  EXPECT_EQ(all.size(), 5u);
  EXPECT_EQ(descendants(child.pid(), 100).size(), 4u);
  EXPECT_EQ(descendants(child.pid(), 3).size(), 3u) << "no more than the limit";
}

}  // namespace
}  // namespace ts::os
