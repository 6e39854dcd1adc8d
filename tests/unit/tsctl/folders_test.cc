// RUNTIME is taken, emptied and given back; what is somebody else's is left alone.
#include "cmd/tsctl/folders.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <fstream>

#include "cmd/tsctl/listeners.h"

namespace ts::tsctl {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class FoldersTest : public testing::Test {
 protected:
  FoldersTest() {
    char name[] = "/tmp/ts-folders-test-XXXXXX";
    top_ = ::mkdtemp(name);
    layout_ = {top_ / "s", top_ / "r"};
  }
  ~FoldersTest() override { fs::remove_all(top_); }

  static void write(const fs::path& path) { std::ofstream(path) << "x"; }

  fs::path top_;
  Layout layout_;
};

TEST_F(FoldersTest, AFolderThatWasMadeIsTakenAway) {
  {
    auto folder = RuntimeFolder::take(layout_);
    ASSERT_TRUE(folder) << folder.error().message;
    ASSERT_TRUE((*folder)->prepare(layout_));
    EXPECT_TRUE(fs::is_directory(layout_.empty_root()));
    write(layout_.runtime / "left");
  }
  EXPECT_FALSE(fs::exists(layout_.runtime));
}

TEST_F(FoldersTest, AnEmptyFolderThatWasThereStays) {
  fs::create_directory(layout_.runtime);
  { ASSERT_TRUE(RuntimeFolder::take(layout_)); }
  EXPECT_TRUE(fs::is_empty(layout_.runtime));
}

TEST_F(FoldersTest, OnlyOneMayHaveIt) {
  auto first = RuntimeFolder::take(layout_);
  ASSERT_TRUE(first);
  write(layout_.runtime / "live.sock");
  auto second = RuntimeFolder::take(layout_);
  ASSERT_FALSE(second);
  EXPECT_THAT(second.error().message, HasSubstr("another 'tsctl up' runs on"));
  EXPECT_TRUE(fs::exists(layout_.runtime / "live.sock"));
}

TEST_F(FoldersTest, WhatAKilledPredecessorLeftIsRemoved) {
  fs::create_directories(layout_.runtime / "folder");
  write(layout_.runtime / "up.lock");
  write(layout_.runtime / "up.passwd");
  write(top_ / "outside");
  fs::create_symlink(top_ / "outside", layout_.runtime / "link");
  auto folder = RuntimeFolder::take(layout_);
  ASSERT_TRUE(folder) << folder.error().message;
  ASSERT_TRUE((*folder)->prepare(layout_));
  EXPECT_FALSE(fs::exists(layout_.runtime / "up.passwd"));
  EXPECT_FALSE(fs::exists(layout_.runtime / "folder"));
  EXPECT_FALSE(fs::exists(layout_.runtime / "link"));
  EXPECT_TRUE(fs::exists(top_ / "outside"));
}

TEST_F(FoldersTest, WhatLivingSessionsNeedStaysUntilTheyHaveEnded) {
  fs::create_directories(layout_.empty_root());
  for (const char* name : {"up.lock", "up.passwd", "hosts.sock", "tsspawn.sock"})
    write(layout_.runtime / name);
  {
    auto folder = RuntimeFolder::take(layout_);
    ASSERT_TRUE(folder) << folder.error().message;
    (*folder)->set_in_use(true);
    ASSERT_TRUE((*folder)->prepare(layout_));
    EXPECT_FALSE(fs::exists(layout_.runtime / "up.passwd"));
    EXPECT_FALSE(fs::exists(layout_.runtime / "hosts.sock"));
    EXPECT_TRUE(fs::exists(layout_.spawn_socket()));
    EXPECT_TRUE(fs::exists(layout_.empty_root()));
  }
  EXPECT_TRUE(fs::exists(layout_.spawn_socket()));
  {
    auto folder = RuntimeFolder::take(layout_);
    ASSERT_TRUE(folder) << folder.error().message;
    (*folder)->set_in_use(false);
  }
  EXPECT_TRUE(fs::is_empty(layout_.runtime));
}

TEST_F(FoldersTest, AFolderWithSomebodysFilesIsRefusedAndLeft) {
  fs::create_directory(layout_.runtime);
  write(layout_.runtime / "thesis.txt");
  auto folder = RuntimeFolder::take(layout_);
  ASSERT_FALSE(folder);
  EXPECT_THAT(folder.error().message, HasSubstr("holds files that no 'tsctl up' made"));
  EXPECT_TRUE(fs::exists(layout_.runtime / "thesis.txt"));
}

TEST_F(FoldersTest, AFolderThatOthersMayWriteToIsRefused) {
  fs::create_directory(layout_.runtime);
  ::chmod(layout_.runtime.c_str(), 0777);
  auto folder = RuntimeFolder::take(layout_);
  ASSERT_FALSE(folder);
  EXPECT_THAT(folder.error().message, HasSubstr("may be written to by others"));
}

TEST_F(FoldersTest, AFileInThePlaceOfAFolderIsRefused) {
  write(layout_.runtime);
  auto folder = RuntimeFolder::take(layout_);
  ASSERT_FALSE(folder);
  EXPECT_THAT(folder.error().message, HasSubstr("is not a folder; choose another with --runtime"));
}

TEST_F(FoldersTest, EachRoleHasAFolderForItsEvents) {
  if (::geteuid() == 0) GTEST_SKIP() << "as root they belong to accounts, which the end-to-end tests look at";
  ASSERT_TRUE(prepare_state(layout_));
  for (const char* role : {"tsd", "tssession", "tsctl"}) {
    struct stat info {};
    ASSERT_EQ(::stat(layout_.events_of(role).c_str(), &info), 0) << role;
    EXPECT_EQ(info.st_mode & 07777, 0700u);
  }
}

TEST_F(FoldersTest, ReachableIsWhatEveryFolderAboveAllows) {
  fs::create_directories(top_ / "a" / "b");
  ::chmod(top_.c_str(), 0711);
  EXPECT_TRUE(reachable(top_ / "a" / "b", 54321, 54321));
  ::chmod((top_ / "a").c_str(), 0700);
  EXPECT_FALSE(reachable(top_ / "a" / "b", 54321, 54321));
  EXPECT_TRUE(reachable(top_ / "a" / "b", ::getuid(), 54321));
  EXPECT_FALSE(reachable(top_ / "none", ::getuid(), 54321));
}

TEST_F(FoldersTest, ALongPathIsRefusedByName) {
  Layout layout{"/s", "/tmp/" + std::string(107 - 5 - 15, 'x')};
  EXPECT_TRUE(check_socket_paths(layout));
  layout.runtime += "x";
  auto checked = check_socket_paths(layout);
  ASSERT_FALSE(checked);
  EXPECT_THAT(checked.error().message,
              HasSubstr(layout.session_socket().string() + "' would have 108 bytes"));
}

TEST(Address, IsTheOneThatAClientOnThisHostDials) {
  EXPECT_EQ(as_dialled("0.0.0.0:3389"), "127.0.0.1:3389");
  EXPECT_EQ(as_dialled("[::]:3389"), "[::1]:3389");
  EXPECT_EQ(as_dialled("192.0.2.1:5"), "192.0.2.1:5");
}

}  // namespace
}  // namespace ts::tsctl
