// Files that are there whole or not at all.
#include "lib/cli/whole_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "lib/base/unique_fd.h"

namespace ts::cli {
namespace {

namespace fs = std::filesystem;

class WholeFile : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "whole-file-XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
  }
  void TearDown() override { fs::remove_all(folder_); }

  static Result<> write(const fs::path& path, std::string_view text, mode_t mode = 0600) {
    return write_whole_file(path.string(), std::as_bytes(std::span(text)), mode);
  }
  static std::string content(const fs::path& path) {
    std::ostringstream out;
    out << std::ifstream(path).rdbuf();
    return out.str();
  }
  std::size_t files() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder_), fs::directory_iterator()));
  }

  fs::path folder_;
};

TEST_F(WholeFile, IsMadeWithItsModeAndReplacedWhole) {
  const mode_t former = ::umask(0);
  ASSERT_TRUE(write(folder_ / "x", "first, long"));
  ASSERT_TRUE(write(folder_ / "x", "second"));
  ::umask(former);
  EXPECT_EQ(content(folder_ / "x"), "second");
  struct stat status {};
  ASSERT_EQ(::stat((folder_ / "x").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0600u);
  EXPECT_EQ(files(), 1u);
}

TEST_F(WholeFile, SaysWhyItCannot) {
  auto failed = write("/no/such/folder/x", "text");
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().message, "cannot write '/no/such/folder/x': No such file or directory");
  EXPECT_EQ(write(folder_, "text").error().message,
            "cannot write '" + folder_.string() + "': Is a directory");
  EXPECT_FALSE(write("/dev/full", "text"));
  EXPECT_EQ(files(), 0u);
}

TEST_F(WholeFile, ReplacesALinkAndLeavesWhatItNames) {
  ASSERT_TRUE(write(folder_ / "victim", "kept"));
  fs::create_symlink(folder_ / "victim", folder_ / "x");
  ASSERT_TRUE(write(folder_ / "x", "new"));
  EXPECT_EQ(content(folder_ / "victim"), "kept");
  EXPECT_FALSE(fs::is_symlink(folder_ / "x"));
  EXPECT_EQ(content(folder_ / "x"), "new");
}

/// A folder that others may write to: what is found there may be theirs.
TEST_F(WholeFile, FollowsNobodysLinkToADeviceAndFeedsNobodysPipe) {
  ASSERT_EQ(::chmod(folder_.c_str(), 0777), 0);
  fs::create_symlink("/dev/full", folder_ / "x");  // says so when it is written into
  ASSERT_TRUE(write(folder_ / "x", "picture"));
  EXPECT_TRUE(fs::is_regular_file(fs::symlink_status(folder_ / "x")));
  EXPECT_EQ(content(folder_ / "x"), "picture");

  ASSERT_EQ(::mkfifo((folder_ / "pipe").c_str(), 0666), 0);
  UniqueFd reader(::open((folder_ / "pipe").c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  ASSERT_TRUE(reader);
  ASSERT_TRUE(write(folder_ / "pipe", "picture"));
  char heard = 0;
  EXPECT_LE(::read(reader.get(), &heard, 1), 0);
  EXPECT_EQ(content(folder_ / "pipe"), "picture");
}

/// As in `tsctl screenshot 1 >(convert ...)` and /dev/stdout.
TEST_F(WholeFile, WritesIntoAPipeBehindALinkOfOurOwnFolder) {
  ASSERT_EQ(::mkfifo((folder_ / "pipe").c_str(), 0600), 0);
  UniqueFd reader(::open((folder_ / "pipe").c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  ASSERT_TRUE(reader);
  fs::create_symlink(folder_ / "pipe", folder_ / "x");
  ASSERT_TRUE(write(folder_ / "x", "text"));
  std::array<char, 8> heard{};
  EXPECT_EQ(::read(reader.get(), heard.data(), heard.size()), 4);
  EXPECT_TRUE(fs::is_symlink(folder_ / "x"));
}

TEST_F(WholeFile, WritesIntoWhatIsNoFile) {
  EXPECT_TRUE(write("/dev/null", "text"));
  EXPECT_TRUE(fs::is_character_file("/dev/null"));
}

}  // namespace
}  // namespace ts::cli
