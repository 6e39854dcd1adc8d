// The folders of a session, with the account that runs the tests as the user.
#include "cmd/tsuserinit/user_files.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

namespace ts::userinit {
namespace {

namespace fs = std::filesystem;

struct Folder {
  fs::path path;
  Folder() {
    std::string pattern = (fs::temp_directory_path() / "user_files_test.XXXXXX").string();
    path = ::mkdtemp(pattern.data());
  }
  ~Folder() { fs::remove_all(path); }
};

/// What PAM names as XDG_RUNTIME_DIR is the user's, with whatever is in it, and stays.
TEST(UserFiles, AFolderThatWasNamedIsNotRemovedWhateverMarkIsInIt) {
  Folder folder;
  fs::path named = folder.path / "named", file = named / "precious";
  fs::create_directory(named);
  fs::permissions(named, fs::perms::owner_all);
  std::ofstream(named / ".made-by-ts") << "";
  std::ofstream(file) << "precious";
  auto user = os::user_by_uid(::geteuid());
  ASSERT_TRUE(user);
  auto files = UserFiles::make(*user, named.string(), folder.path / "own", "test");
  ASSERT_TRUE(files) << files.error().message;
  EXPECT_EQ(files->runtime(), named);
  EXPECT_TRUE(fs::exists(files->folder()));
  files->remove();
  EXPECT_FALSE(fs::exists(files->folder()));
  EXPECT_TRUE(fs::exists(file));
}

}  // namespace
}  // namespace ts::userinit
