#include "lib/account/password_check.h"

#include <unistd.h>

#include "lib/account/account_file.h"
#include "lib/base/log.h"

namespace ts::account {

using session::LogonStatus;

Verdict bad_credentials() {
  return {LogonStatus::kBadCredentials, "the user name or the password is not right", {}};
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

Verdict accepted(const std::string& user) {
  auto found = os::user_by_name(user);
  if (found) return {LogonStatus::kLoggedOn, "", std::move(*found)};
  if (found.error().code == ErrorCode::kNotFound) return bad_credentials();
  return {LogonStatus::kFailed, found.error().message, {}};
}

std::unique_ptr<Logon> make_logon(const Options& options) {
  return options.pam ? make_pam_logon(options) : make_file_logon(options);
}

}  // namespace ts::account
