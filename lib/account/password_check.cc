#include "lib/account/password_check.h"

#include <unistd.h>

#include "lib/account/account_file.h"
#include "lib/account/account_name.h"
#include "lib/base/log.h"

namespace ts::account {

using session::LogonStatus;
using session::Notice;

Verdict bad_credentials() {
  return {LogonStatus::kBadCredentials,
          "the user name or the password is not right",
          {},
          Notice::kBadCredentials};
}

std::optional<Verdict> refused_at_once(const Request& request) {
  if (request.user.empty() || request.password.empty()) return bad_credentials();
  if (::geteuid() == 0) return std::nullopt;
  auto own = os::user_by_uid(::geteuid());
  if (!own) return Verdict{LogonStatus::kFailed, own.error().message, {}};
  if (own->name != request.user) return bad_credentials();
  return std::nullopt;
}

bool matches_up_password(const Options& options, const Request& request) {
  if (options.up_passwd.empty() || ::access(options.up_passwd.c_str(), F_OK) != 0) return false;
  auto good = AccountFile(options.up_passwd).verify(request.user, request.password);
  if (!good) log::warning("Ignoring the password of tsctl up: {}", good.error().message);
  return good.value_or(false);
}

namespace {

/// Administrators keep accounts of services and of people who only fetch mail from logging on by such a
/// shell (nologin(8)).
bool keeps_out(const os::User& user) {
  std::string name = user.shell.substr(user.shell.rfind('/') + 1);
  return name == "nologin" || name == "false";
}

Verdict not_allowed(std::string why) {
  return {LogonStatus::kAccountRefused, std::move(why), {}, Notice::kNotAllowed};
}

}  // namespace

Verdict accepted(const Options& options, const std::string& user) {
  auto found = os::user_by_name(user);
  if (found && !options.allow.empty() && !is_named(options.allow, *found))
    return not_allowed("this account is not in sessions.allow");
  if (found && found->uid == 0 && !options.root) return not_allowed("root may not log on (accounts.root)");
  if (found && keeps_out(*found)) {
    return not_allowed(fmt::format("this account's shell, {}, keeps it from logging on", found->shell));
  }
  if (found) return {LogonStatus::kLoggedOn, "", std::move(*found)};
  if (found.error().code == ErrorCode::kNotFound) return bad_credentials();
  return {LogonStatus::kFailed, found.error().message, {}};
}

std::unique_ptr<Logon> make_logon(const Options& options) {
  return options.pam ? make_pam_logon(options) : make_file_logon(options);
}

}  // namespace ts::account
