// Logons against real accounts: the caller's own with the file back end; with PAM, as root, a throw-away
// account of the system and a PAM service in a folder of the test's own.
#include "lib/account/logon.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>

#include "lib/account/account_file.h"
#include "lib/base/random.h"
#include "tests/unit/account/folder.h"

namespace {

using ts::account::AccountFile;
using ts::account::make_logon;
using ts::account::Options;
using ts::account::Request;
using ts::account::Verdict;
using ts::session::LogonStatus;

Verdict log_on(const Options& options, const std::string& user, const std::string& password) {
  Request request{user, password, "192.0.2.7:1234"};
  auto verdict = make_logon(options)->authenticate(request);
  EXPECT_TRUE(request.password.empty()) << "the password is still in memory";
  return verdict;
}

class FileLogonTest : public ::testing::Test {
 protected:
  void SetUp() override {
    options_.pam = false;
    options_.accounts_file = folder_.path() / "accounts" / "passwd";
    options_.up_passwd = folder_.path() / "up.passwd";
    me_ = ts::os::user_by_uid(::geteuid())->name;
  }
  ts::test::Folder folder_;
  Options options_;
  std::string me_;
};

TEST_F(FileLogonTest, TheOwnAccountWithItsPassword) {
  ASSERT_TRUE(AccountFile(options_.accounts_file).set_password(me_, "right"));
  auto verdict = log_on(options_, me_, "right");
  EXPECT_EQ(verdict.status, LogonStatus::kLoggedOn) << verdict.message;
  EXPECT_EQ(verdict.user.uid, ::geteuid());
  EXPECT_EQ(verdict.user.name, me_);
}

TEST_F(FileLogonTest, WrongPasswordUnknownUserAndNoPasswordAreNotToldApart) {
  ASSERT_TRUE(AccountFile(options_.accounts_file).set_password(me_, "right"));
  // In the file, but no account of this system.
  ASSERT_TRUE(AccountFile(options_.accounts_file).set_password("no-such-user-here", "right"));
  std::string said;
  for (auto& [user, password] :
       std::vector<std::pair<std::string, std::string>>{{me_, "wrong"},
                                                        {me_, ""},
                                                        {"nobody-at-all", "right"},
                                                        {"", "right"},
                                                        {"no-such-user-here", "right"}}) {
    auto verdict = log_on(options_, user, password);
    EXPECT_EQ(verdict.status, LogonStatus::kBadCredentials) << user;
    if (said.empty()) said = verdict.message;
    EXPECT_EQ(verdict.message, said);
  }
}

TEST_F(FileLogonTest, ThePasswordOfUpIsGoodWhileItsFileIsThere) {
  EXPECT_EQ(log_on(options_, me_, "from-up").status, LogonStatus::kBadCredentials);
  ASSERT_TRUE(AccountFile(options_.up_passwd).set_password(me_, "from-up"));
  EXPECT_EQ(log_on(options_, me_, "from-up").status, LogonStatus::kLoggedOn);
  EXPECT_EQ(log_on(options_, me_, "from-up").status, LogonStatus::kLoggedOn) << "a second time";
  EXPECT_EQ(log_on(options_, "daemon", "from-up").status, LogonStatus::kBadCredentials);
  std::filesystem::remove(options_.up_passwd);
  EXPECT_EQ(log_on(options_, me_, "from-up").status, LogonStatus::kBadCredentials);
}

TEST_F(FileLogonTest, WithoutRootOnlyTheOwnAccount) {
  if (::geteuid() == 0) GTEST_SKIP() << "root starts sessions of all";
  ASSERT_TRUE(AccountFile(options_.accounts_file).set_password("root", "right"));
  EXPECT_EQ(log_on(options_, "root", "right").status, LogonStatus::kBadCredentials);
}

TEST_F(FileLogonTest, TroubleWithTheFileIsOursNotTheUsers) {
  ASSERT_TRUE(AccountFile(options_.accounts_file).set_password(me_, "right"));
  std::filesystem::permissions(options_.accounts_file, std::filesystem::perms(0644));
  EXPECT_EQ(log_on(options_, me_, "right").status, LogonStatus::kFailed);
}

int run(const std::string& command) {
  return WEXITSTATUS(std::system(command.c_str()));
}

/// A real account of this system for as long as the tests run.
class PamLogonTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (::geteuid() != 0) return;
    user_ = "tstest" + ts::random_password(6);
    std::transform(user_.begin(), user_.end(), user_.begin(), ::tolower);
    ASSERT_EQ(run("useradd --no-create-home --shell /bin/sh " + user_), 0);
    ASSERT_EQ(run("printf '%s:right-%s' " + user_ + " pw | chpasswd"), 0);
  }
  static void TearDownTestSuite() {
    if (user_.empty()) return;
    EXPECT_EQ(run("userdel " + user_ + " 2>/dev/null"), 0);
  }
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "only root can make an account to log on to";
    options_.up_passwd = folder_.path() / "up.passwd";
    options_.pam_configuration = folder_.path();
    service("auth required pam_unix.so\naccount required pam_unix.so\nsession required pam_unix.so\n");
  }
  void service(const std::string& text) { std::ofstream(folder_.path() / "ts") << text; }
  void age(const std::string& arguments) { ASSERT_EQ(run("chage " + arguments + " " + user_), 0); }

  static std::string user_;
  ts::test::Folder folder_;
  Options options_;
};
std::string PamLogonTest::user_;

TEST_F(PamLogonTest, RightAndWrong) {
  auto verdict = log_on(options_, user_, "right-pw");
  EXPECT_EQ(verdict.status, LogonStatus::kLoggedOn) << verdict.message;
  EXPECT_EQ(verdict.user.name, user_);
  EXPECT_EQ(log_on(options_, user_, "wrong").status, LogonStatus::kBadCredentials);
  EXPECT_EQ(log_on(options_, user_, "").status, LogonStatus::kBadCredentials);
  EXPECT_EQ(log_on(options_, "no-such-user-here", "right-pw").status, LogonStatus::kBadCredentials);
}

TEST_F(PamLogonTest, AnExpiredAccountIsRefusedWithItsReason) {
  age("--expiredate 2001-01-01");
  auto verdict = log_on(options_, user_, "right-pw");
  age("--expiredate -1");
  EXPECT_EQ(verdict.status, LogonStatus::kAccountRefused);
  EXPECT_EQ(verdict.message, "this account has expired: ask the administrator");
}

TEST_F(PamLogonTest, APasswordThatMustBeChangedIsRefusedWithItsReason) {
  age("--lastday 0");
  auto verdict = log_on(options_, user_, "right-pw");
  age("--lastday 2020-01-01 --maxdays -1");
  EXPECT_EQ(verdict.status, LogonStatus::kAccountRefused);
  EXPECT_EQ(verdict.message, "the password of this account has expired: change it first");
}

TEST_F(PamLogonTest, ALockedPasswordIsNoPassword) {
  ASSERT_EQ(run("usermod --lock " + user_), 0);
  EXPECT_EQ(log_on(options_, user_, "right-pw").status, LogonStatus::kBadCredentials);
  ASSERT_EQ(run("usermod --unlock " + user_), 0);
}

TEST_F(PamLogonTest, AnAccountThatPolicyKeepsOutIsRefused) {
  service("auth required pam_unix.so\naccount requisite pam_deny.so\nsession required pam_unix.so\n");
  EXPECT_EQ(log_on(options_, user_, "right-pw").status, LogonStatus::kAccountRefused);
}

TEST_F(PamLogonTest, ThePasswordOfUpSkipsOnlyAuthentication) {
  ASSERT_TRUE(AccountFile(options_.up_passwd).set_password(user_, "from-up"));
  service("auth requisite pam_deny.so\naccount required pam_unix.so\nsession required pam_unix.so\n");
  EXPECT_EQ(log_on(options_, user_, "from-up").status, LogonStatus::kLoggedOn);
  EXPECT_NE(log_on(options_, user_, "right-pw").status, LogonStatus::kLoggedOn);
  age("--expiredate 2001-01-01");
  EXPECT_EQ(log_on(options_, user_, "from-up").status, LogonStatus::kAccountRefused);
  age("--expiredate -1");
}

TEST_F(PamLogonTest, AServiceThatIsNotConfiguredFallsToOther) {
  std::filesystem::rename(folder_.path() / "ts", folder_.path() / "other");
  EXPECT_EQ(log_on(options_, user_, "right-pw").status, LogonStatus::kLoggedOn);
}

TEST_F(PamLogonTest, OpensAndClosesTheSession) {
  auto variables = folder_.path() / "variables";
  std::ofstream(variables) << "GREETING DEFAULT=hello\n";
  auto mark = folder_.path() / "mark";
  auto script = folder_.path() / "script";
  std::ofstream(script) << "echo $PAM_TYPE $PAM_USER $PAM_RHOST $PAM_TTY >>" << mark.string() << "\n";
  service("auth required pam_unix.so\naccount required pam_unix.so\nsession required pam_env.so conffile=" +
          variables.string() + "\nsession required pam_exec.so quiet /bin/sh " + script.string() + "\n");
  // initgroups() changes the whole process: a child has the logon.
  pid_t pid = ::fork();
  if (pid == 0) {
    auto logon = make_logon(options_);
    Request request{user_, "right-pw", "192.0.2.7:1234"};
    if (logon->authenticate(request).status != LogonStatus::kLoggedOn) ::_exit(1);
    if (!logon->open(42)) ::_exit(2);
    auto environment = logon->environment();
    if (std::count(environment.begin(), environment.end(), "GREETING=hello") != 1) ::_exit(3);
    logon->close();
    ::_exit(0);
  }
  int status = 0;
  ::waitpid(pid, &status, 0);
  EXPECT_EQ(WEXITSTATUS(status), 0);
  std::ifstream in(mark);
  std::string opened, closed;
  std::getline(in, opened);
  std::getline(in, closed);
  EXPECT_EQ(opened, "open_session " + user_ + " 192.0.2.7 :42");
  EXPECT_EQ(closed, "close_session " + user_ + " 192.0.2.7 :42");
}

}  // namespace
