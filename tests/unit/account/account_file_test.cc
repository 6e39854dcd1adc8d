#include "lib/account/account_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <thread>

#include "tests/unit/account/folder.h"

namespace {

using ts::account::AccountFile;

TEST(AccountFile, RoundTrip) {
  ts::test::Folder folder;
  AccountFile file(folder.path() / "accounts" / "passwd");
  EXPECT_EQ(file.users()->size(), 0U);
  ASSERT_TRUE(file.set_password("ada", "first"));
  ASSERT_TRUE(file.set_password("grace", "pass:with:colons é"));
  EXPECT_TRUE(*file.verify("ada", "first"));
  EXPECT_FALSE(*file.verify("ada", "First"));
  EXPECT_FALSE(*file.verify("ada", ""));
  EXPECT_FALSE(*file.verify("nobody", "first"));
  EXPECT_TRUE(*file.verify("grace", "pass:with:colons é"));
  ASSERT_TRUE(file.set_password("ada", "second"));
  EXPECT_FALSE(*file.verify("ada", "first"));
  EXPECT_TRUE(*file.verify("ada", "second"));
  EXPECT_EQ(*file.users(), (std::vector<std::string>{"ada", "grace"}));
  ASSERT_TRUE(file.remove("ada"));
  EXPECT_FALSE(*file.verify("ada", "second"));
  auto again = file.remove("ada");
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, ts::ErrorCode::kNotFound);
}

TEST(AccountFile, HoldsYescryptHashesThatOnlyTheOwnerReads) {
  ts::test::Folder folder;
  AccountFile file(folder.path() / "accounts" / "passwd");
  ASSERT_TRUE(file.set_password("ada", "plain-text-password"));
  std::ifstream in(file.path());
  std::string line;
  std::getline(in, line);
  EXPECT_EQ(line.rfind("ada:$y$", 0), 0U) << line;
  EXPECT_EQ(line.find("plain-text"), std::string::npos);
  struct stat status {};
  ASSERT_EQ(::stat(file.path().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0600U);
  ASSERT_EQ(::stat(file.path().parent_path().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0700U);
}

TEST(AccountFile, TheSamePasswordHasAnotherHashEachTime) {
  EXPECT_NE(*ts::account::hash_password("same"), *ts::account::hash_password("same"));
}

TEST(AccountFile, NamesAndPasswordsThatWouldBreakTheFileAreRefused) {
  ts::test::Folder folder;
  AccountFile file(folder.path() / "passwd");
  for (const std::string& name :
       {std::string(), std::string("a:b"), std::string("a\nroot"), std::string(256, 'x')}) {
    EXPECT_FALSE(file.set_password(name, "password")) << name;
  }
  EXPECT_FALSE(file.set_password("ada", ""));
  EXPECT_TRUE(file.set_password(std::string(255, 'x'), "password"));
}

TEST(AccountFile, AFileThatOthersMayReadIsRefusedWithWhatToDo) {
  ts::test::Folder folder;
  AccountFile file(folder.path() / "passwd");
  ASSERT_TRUE(file.set_password("ada", "password"));
  for (mode_t mode : {0640, 0604, 0660}) {
    ASSERT_EQ(::chmod(file.path().c_str(), mode), 0);
    auto verdict = file.verify("ada", "password");
    ASSERT_FALSE(verdict);
    EXPECT_NE(verdict.error().message.find("chmod 600"), std::string::npos);
  }
  ASSERT_EQ(::chmod(file.path().c_str(), 0600), 0);
  EXPECT_TRUE(*file.verify("ada", "password"));
}

TEST(AccountFile, AnothersFileAndALinkAreRefused) {
  ts::test::Folder folder;
  AccountFile file(folder.path() / "passwd");
  ASSERT_TRUE(file.set_password("ada", "password"));
  std::filesystem::create_symlink(file.path(), folder.path() / "link");
  EXPECT_FALSE(AccountFile(folder.path() / "link").verify("ada", "password"));
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give files away";
  ASSERT_EQ(::chown(file.path().c_str(), 65534, 65534), 0);
  EXPECT_FALSE(file.verify("ada", "password"));
}

TEST(AccountFile, StrangeLinesAreNobodysPassword) {
  ts::test::Folder folder;
  auto path = folder.path() / "passwd";
  std::ofstream(path) << "# comment\n\nno colon\n:empty-name\nlocked:!\nblank:\nlast:*";
  ASSERT_EQ(::chmod(path.c_str(), 0600), 0);
  AccountFile file(path);
  EXPECT_EQ(*file.users(), (std::vector<std::string>{"locked", "blank", "last"}));
  for (const char* user : {"locked", "blank", "last", ""}) {
    for (const char* password : {"", "!", "*"}) EXPECT_FALSE(*file.verify(user, password)) << user;
  }
}

TEST(AccountFile, ChangesAtTheSameTimeAreAllKept) {
  ts::test::Folder folder;
  auto path = folder.path() / "passwd";
  std::vector<std::thread> writers;
  for (int i = 0; i < 6; ++i) {
    writers.emplace_back(
        [&path, i] { EXPECT_TRUE(AccountFile(path).set_password("user" + std::to_string(i), "p")); });
  }
  for (auto& writer : writers) writer.join();
  EXPECT_EQ(AccountFile(path).users()->size(), 6U);
}

}  // namespace
