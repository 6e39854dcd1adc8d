#include <grp.h>
#include <unistd.h>

#include <algorithm>

#include "lib/account/account_file.h"
#include "lib/account/password_check.h"
#include "lib/base/random.h"

namespace ts::account {
namespace {

using session::LogonStatus;

class FileLogon : public Logon {
 public:
  explicit FileLogon(Options options) : options_(std::move(options)) {}

  Verdict authenticate(Request& request, Person&) override {
    auto verdict = decide(request);
    wipe(request.password);
    if (verdict.status == LogonStatus::kLoggedOn) user_ = verdict.user;
    return verdict;
  }

  Verdict check(const std::string& user, const std::string&) override {
    const bool known = is_in(options_.accounts_file, user) || is_in(options_.up_passwd, user);
    return known ? accepted(options_, user) : bad_credentials();
  }

  Result<> open(int) override {
    if (::geteuid() != 0) return {};
    if (::initgroups(user_.name.c_str(), user_.gid) != 0) return fail_errno("entering the account's groups");
    return {};
  }

  std::vector<std::string> environment() const override { return {}; }
  void close() override {}

 private:
  Verdict decide(const Request& request) {
    if (auto refused = refused_at_once(request)) return *refused;
    if (!matches_up_password(options_, request)) {
      auto good = AccountFile(options_.accounts_file).verify(request.user, request.password);
      if (!good) return {LogonStatus::kFailed, good.error().message, {}};
      if (!*good) return bad_credentials();
    }
    return accepted(options_, request.user);
  }

  static bool is_in(const std::filesystem::path& file, const std::string& user) {
    auto users = file.empty() ? std::vector<std::string>()
                              : AccountFile(file).users().value_or(std::vector<std::string>());
    return std::find(users.begin(), users.end(), user) != users.end();
  }

  Options options_;
  os::User user_;
};

}  // namespace

std::unique_ptr<Logon> make_file_logon(const Options& options) {
  return std::make_unique<FileLogon>(options);
}

}  // namespace ts::account
