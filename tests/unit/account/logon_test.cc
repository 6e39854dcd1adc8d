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
using ts::session::LogonPrompt;
using ts::session::LogonStatus;
using ts::session::Notice;

/// Answers questions in the order in which they come, and remembers them.
class Script : public ts::account::Person {
 public:
  explicit Script(std::vector<std::string> answers = {}) : answers_(std::move(answers)) {}
  std::optional<std::string> ask(LogonPrompt::Style style, const std::string& text) override {
    asked.emplace_back(style, text);
    if (style == LogonPrompt::Style::kInfo || style == LogonPrompt::Style::kError) return "";
    if (next_ == answers_.size()) return std::nullopt;
    return answers_[next_++];
  }
  std::vector<std::pair<LogonPrompt::Style, std::string>> asked;

 private:
  std::vector<std::string> answers_;
  std::size_t next_ = 0;
};

Verdict log_on(const Options& options, const std::string& user, const std::string& password,
               Script person = Script()) {
  Request request{user, password, "192.0.2.7:1234"};
  auto verdict = make_logon(options)->authenticate(request, person);
  EXPECT_TRUE(request.password.empty()) << "the password is still in memory";
  return verdict;
}

class FileLogonTest : public ::testing::Test {
 protected:
  void SetUp() override {
    options_.pam = false;
    options_.root = true;  // it may be us
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

/// What becomes of a user who is logged on and comes back.
Verdict check(const Options& options, const std::string& user) {
  return make_logon(options)->check(user, "192.0.2.7:1234");
}

TEST_F(FileLogonTest, WhoComesBackHasToBeInTheFileStill) {
  EXPECT_EQ(check(options_, me_).status, LogonStatus::kBadCredentials);
  ASSERT_TRUE(AccountFile(options_.accounts_file).set_password(me_, "right"));
  EXPECT_EQ(check(options_, me_).status, LogonStatus::kLoggedOn);
  EXPECT_EQ(check(options_, me_).user.uid, ::geteuid());
  EXPECT_EQ(check(options_, "").status, LogonStatus::kBadCredentials);
  options_.allow = {"somebody-else"};
  EXPECT_EQ(check(options_, me_).notice, Notice::kNotAllowed);
  options_.allow.clear();
  ASSERT_TRUE(AccountFile(options_.accounts_file).remove(me_));
  EXPECT_EQ(check(options_, me_).status, LogonStatus::kBadCredentials);
  ASSERT_TRUE(AccountFile(options_.up_passwd).set_password(me_, "from-up"));
  EXPECT_EQ(check(options_, me_).status, LogonStatus::kLoggedOn);
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
  EXPECT_EQ(verdict.notice, Notice::kAccountExpired);
}

TEST_F(PamLogonTest, AnExpiredPasswordIsChangedWithThePersonInFront) {
  service(
      "auth required pam_unix.so\naccount required pam_unix.so\npassword required pam_unix.so yescrypt\n"
      "session required pam_unix.so\n");
  age("--lastday 0");
  auto refused = log_on(options_, user_, "right-pw");
  EXPECT_EQ(refused.status, LogonStatus::kAccountRefused) << "nobody answers";
  EXPECT_EQ(refused.notice, Notice::kPasswordExpired);

  Script person({"Entirely-new-77", "Entirely-new-77"});
  Request request{user_, "right-pw", "192.0.2.7:1234"};
  auto verdict = make_logon(options_)->authenticate(request, person);
  EXPECT_EQ(verdict.status, LogonStatus::kLoggedOn) << verdict.message;
  ASSERT_GE(person.asked.size(), 2U);
  EXPECT_EQ(person.asked[0].first, LogonPrompt::Style::kHidden);
  EXPECT_NE(person.asked[0].second.find("required to change your password"), std::string::npos)
      << person.asked[0].second;
  EXPECT_NE(person.asked[0].second.find("New password"), std::string::npos);
  EXPECT_NE(person.asked[1].second.find("Retype"), std::string::npos);
  EXPECT_EQ(log_on(options_, user_, "Entirely-new-77").status, LogonStatus::kLoggedOn);
  EXPECT_EQ(log_on(options_, user_, "right-pw").status, LogonStatus::kBadCredentials);
  ASSERT_EQ(run("printf '%s:right-%s' " + user_ + " pw | chpasswd"), 0);
}

TEST_F(PamLogonTest, ASecondFactorIsAskedOfThePersonInFront) {
  service(
      "auth required pam_unix.so\nauth required pam_oath.so usersfile=" + (folder_.path() / "oath").string() +
      " window=5 digits=6\naccount required pam_unix.so\nsession required pam_unix.so\n");
  // [RFC4226] appendix D: the secret and its first values.
  std::ofstream(folder_.path() / "oath")
      << "HOTP " << user_ << " - 3132333435363738393031323334353637383930\n";
  std::filesystem::permissions(folder_.path() / "oath", std::filesystem::perms(0600));

  EXPECT_EQ(log_on(options_, user_, "right-pw").status, LogonStatus::kFailed) << "nobody answers";
  Script person({"755224"});
  Request request{user_, "right-pw", "192.0.2.7:1234"};
  auto verdict = make_logon(options_)->authenticate(request, person);
  EXPECT_EQ(verdict.status, LogonStatus::kLoggedOn) << verdict.message;
  ASSERT_EQ(person.asked.size(), 1U);
  EXPECT_NE(person.asked[0].second.find("OATH"), std::string::npos) << person.asked[0].second;
  EXPECT_EQ(log_on(options_, user_, "right-pw", Script({"755224"})).status, LogonStatus::kBadCredentials)
      << "used already";
  EXPECT_EQ(log_on(options_, user_, "wrong", Script({"287082"})).status, LogonStatus::kBadCredentials);
}

TEST_F(PamLogonTest, WhatModulesSayIsShown) {
  age("--lastday 2020-01-01 --maxdays -1");
  service("auth required pam_unix.so\naccount required pam_unix.so\naccount optional pam_echo.so file=" +
          (folder_.path() / "notice").string() + "\nsession required pam_unix.so\n");
  std::ofstream(folder_.path() / "notice") << "Maintenance at noon\n";
  Script person;
  Request request{user_, "right-pw", "192.0.2.7:1234"};
  EXPECT_EQ(make_logon(options_)->authenticate(request, person).status, LogonStatus::kLoggedOn);
  ASSERT_EQ(person.asked.size(), 1U);
  EXPECT_EQ(person.asked[0].first, LogonPrompt::Style::kInfo);
  EXPECT_NE(person.asked[0].second.find("Maintenance at noon"), std::string::npos);
}

TEST_F(PamLogonTest, AModuleThatIsNotThereIsTheServersTrouble) {
  service(
      "auth required pam_no_such_module.so\naccount required pam_unix.so\nsession required pam_unix.so\n");
  auto verdict = log_on(options_, user_, "right-pw");
  EXPECT_EQ(verdict.status, LogonStatus::kFailed);
  EXPECT_EQ(verdict.notice, Notice::kNoAccountService);
}

TEST_F(PamLogonTest, OnlyThoseWhoAreAllowed) {
  options_.allow = {"somebody-else", "@no-such-group"};
  auto verdict = log_on(options_, user_, "right-pw");
  EXPECT_EQ(verdict.status, LogonStatus::kAccountRefused);
  EXPECT_EQ(verdict.notice, Notice::kNotAllowed);
  EXPECT_EQ(log_on(options_, user_, "wrong").status, LogonStatus::kBadCredentials)
      << "a stranger learns nothing";
  options_.allow = {user_};
  EXPECT_EQ(log_on(options_, user_, "right-pw").status, LogonStatus::kLoggedOn);
  options_.allow = {"@" + user_};  // the group of its own that useradd makes
  EXPECT_EQ(log_on(options_, user_, "right-pw").status, LogonStatus::kLoggedOn);
}

TEST_F(PamLogonTest, AShellThatKeepsAccountsOutDoesSo) {
  ASSERT_EQ(run("usermod --shell /usr/sbin/nologin " + user_), 0);
  auto verdict = log_on(options_, user_, "right-pw");
  EXPECT_EQ(verdict.status, LogonStatus::kAccountRefused);
  EXPECT_EQ(verdict.notice, Notice::kNotAllowed);
  ASSERT_EQ(run("usermod --shell /bin/sh " + user_), 0);
}

TEST_F(PamLogonTest, RootOnlyWhereThatIsConfigured) {
  ASSERT_TRUE(AccountFile(options_.up_passwd).set_password("root", "from-up"));
  auto verdict = log_on(options_, "root", "from-up");
  EXPECT_EQ(verdict.status, LogonStatus::kAccountRefused);
  EXPECT_EQ(verdict.message, "root may not log on (accounts.root)");
  options_.root = true;
  EXPECT_EQ(log_on(options_, "root", "from-up").status, LogonStatus::kLoggedOn);
}

TEST_F(PamLogonTest, OnlyWhoKnowsThePasswordHearsThatTheAccountIsLocked) {
  ASSERT_EQ(run("passwd --quiet --lock " + user_), 0);
  auto verdict = log_on(options_, user_, "right-pw");
  EXPECT_EQ(verdict.status, LogonStatus::kAccountRefused);
  EXPECT_EQ(verdict.notice, Notice::kAccountLocked);
  EXPECT_EQ(log_on(options_, user_, "wrong-pw").status, LogonStatus::kBadCredentials);
  ASSERT_EQ(run("passwd --quiet --unlock " + user_), 0);
}

TEST_F(PamLogonTest, DebiansStackDoesNotHideThatTheAccountHasExpired) {
  service(
      "auth required pam_unix.so\naccount [success=1 new_authtok_reqd=done default=ignore] pam_unix.so\n"
      "account requisite pam_deny.so\naccount required pam_permit.so\nsession required pam_unix.so\n");
  age("--expiredate 2001-01-01");
  EXPECT_EQ(log_on(options_, user_, "right-pw").notice, Notice::kAccountExpired);
  EXPECT_EQ(log_on(options_, user_, "wrong-pw").notice, Notice::kBadCredentials);
  age("--expiredate -1");
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

TEST_F(PamLogonTest, WhoComesBackNeedsNoPasswordButAnAccountInOrder) {
  // Authentication would fail: it is not asked.
  service("auth required pam_deny.so\naccount required pam_unix.so\nsession required pam_unix.so\n");
  auto good = check(options_, user_);
  EXPECT_EQ(good.status, LogonStatus::kLoggedOn) << good.message;
  EXPECT_EQ(good.user.name, user_);
  EXPECT_NE(check(options_, "no-such-user-here").status, LogonStatus::kLoggedOn);
  age("--expiredate 2001-01-01");
  EXPECT_EQ(check(options_, user_).notice, Notice::kAccountExpired);
  age("--expiredate -1");
  age("--lastday 0");
  EXPECT_EQ(check(options_, user_).notice, Notice::kPasswordExpired);
  age("--lastday -1");
  ASSERT_EQ(run("usermod -L " + user_), 0);
  EXPECT_EQ(check(options_, user_).notice, Notice::kAccountLocked);
  ASSERT_EQ(run("usermod -U " + user_), 0);
  options_.allow = {"somebody-else"};
  EXPECT_EQ(check(options_, user_).notice, Notice::kNotAllowed);
  options_.allow = {user_};
  EXPECT_EQ(check(options_, user_).status, LogonStatus::kLoggedOn);
  service("auth required pam_permit.so\naccount required pam_deny.so\nsession required pam_unix.so\n");
  EXPECT_EQ(check(options_, user_).status, LogonStatus::kAccountRefused);
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
    Script nobody;
    if (logon->authenticate(request, nobody).status != LogonStatus::kLoggedOn) ::_exit(1);
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
