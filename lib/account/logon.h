// One logon of one account: authentication, account checks, credentials and session, all in the process that
// calls this (tsuserinit), as PAM wants it. Every call may block for seconds.
//
// Two back ends: the file (accounts of the system whose passwords are in STATE/accounts/passwd) and PAM. With
// either, the password that `tsctl up` printed is good for its user while its file exists; PAM's account,
// session and credential steps are done then too, only its authentication is not asked. Without root there is
// one account, the caller's own.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lib/base/result.h"
#include "lib/os/users.h"
#include "lib/session/logon_messages.h"
#include "lib/session/stack_messages.h"

namespace ts::account {

struct Options {
  bool pam = true;
  std::filesystem::path accounts_file;      // of the file back end
  std::filesystem::path up_passwd;          // of `tsctl up`
  std::string pam_service = "ts";           // PAM falls back to its service "other" when it is not configured
  std::filesystem::path pam_configuration;  // folder of service files; empty: the system's
  std::vector<std::string> allow;           // users and @groups that may log on; empty: all
  bool root = false;                        // may root?
};

/// Whoever sits in front while a logon goes on.
class Person {
 public:
  virtual ~Person() = default;
  /// Asks or tells, and waits for the answer (empty for what is only told). Nothing: nobody is there any
  /// more. The caller wipes what comes.
  virtual std::optional<std::string> ask(session::LogonPrompt::Style style, const std::string& text) = 0;
};

struct Request {
  std::string user;
  std::string password;        // wiped by authenticate()
  std::string remote_address;  // host:port of the client
};

struct Verdict {
  session::LogonStatus status = session::LogonStatus::kFailed;
  std::string message;                              // for the log
  os::User user = {};                               // when kLoggedOn
  session::Notice notice = session::Notice::kNone;  // for the person, in their language
  std::string detail = {};                          // what PAM's modules said, for the person
};

class Logon {
 public:
  virtual ~Logon() = default;  // closes the session if it is open

  /// `person` is asked whatever the account's modules want to know beyond the password: a second factor, a
  /// new password in place of one that has expired.
  [[nodiscard]] virtual Verdict authenticate(Request& request, Person& person) = 0;
  /// May this account log on now, from there? Asks for no password and nobody anything: for users who are
  /// logged on and come back. On its own: no other call goes before or after it.
  [[nodiscard]] virtual Verdict check(const std::string& user, const std::string& remote_address) = 0;
  /// After a good authenticate(): credentials and session. Also puts this process into the account's groups
  /// (as root), which the shell is then started with.
  [[nodiscard]] virtual Result<> open(int display) = 0;
  /// "NAME=value" lines that the account's configuration asks for.
  virtual std::vector<std::string> environment() const = 0;
  virtual void close() = 0;
};

std::unique_ptr<Logon> make_logon(const Options& options);

}  // namespace ts::account
