// A change in a watched folder is heard of, whichever it is; a folder that is not there is an error.
#include "lib/net/folder_watcher.h"

#include <gtest/gtest.h>

#include <fstream>

namespace ts::net {
namespace {

namespace fs = std::filesystem;

class FolderWatcherTest : public testing::Test {
 protected:
  FolderWatcherTest() {
    char name[] = "/tmp/ts-watcher-test-XXXXXX";
    folder_ = ::mkdtemp(name);
  }
  ~FolderWatcherTest() override { fs::remove_all(folder_); }

  /// Whether `change` is told before the time is up.
  template <typename Change>
  bool heard(Change change) {
    bool told = false;
    auto watcher = FolderWatcher::open(loop_, folder_, [&] {
      told = true;
      loop_.stop();
    });
    EXPECT_TRUE(watcher) << watcher.error().message;
    Timer deadline(loop_, [&] { loop_.stop(); });
    deadline.start(std::chrono::seconds(10));
    change();
    loop_.run();
    return told;
  }
  fs::path file(const char* name) const { return folder_ / name; }

  Loop loop_;
  fs::path folder_;
};

TEST_F(FolderWatcherTest, TellsOfFilesThatAreMadeWrittenRenamedAndRemoved) {
  EXPECT_TRUE(heard([&] { std::ofstream(file("a")) << "x"; }));
  EXPECT_TRUE(heard([&] { std::ofstream(file("a"), std::ios::app) << "y"; }));
  EXPECT_TRUE(heard([&] { fs::rename(file("a"), file("b")); }));
  EXPECT_TRUE(heard([&] { fs::remove(file("b")); }));
  EXPECT_TRUE(heard([&] { fs::create_directory(file("c")); }));
}

TEST_F(FolderWatcherTest, MayGoInItsOwnCallback) {
  std::unique_ptr<FolderWatcher> watcher;
  int told = 0;
  watcher = *FolderWatcher::open(loop_, folder_, [&] {
    ++told;
    watcher.reset();
    loop_.stop();
  });
  std::ofstream(file("a")) << "x";
  loop_.run();
  std::ofstream(file("b")) << "x";
  loop_.run();
  EXPECT_EQ(told, 1);
}

TEST_F(FolderWatcherTest, AFolderThatIsNotThereIsAnError) {
  auto watcher = FolderWatcher::open(loop_, folder_ / "none", [] {});
  ASSERT_FALSE(watcher);
  EXPECT_EQ(watcher.error().error_number, ENOENT);
  EXPECT_NE(watcher.error().message.find("none"), std::string::npos);
}

}  // namespace
}  // namespace ts::net
