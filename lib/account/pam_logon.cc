// [XSSO] Pluggable Authentication Modules, as Linux-PAM has them: pam(3), pam_conv(3).
#include <grp.h>
#include <security/pam_appl.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>

#include "lib/account/pam_conversation.h"
#include "lib/account/password_check.h"
#include "lib/account/shadow_account.h"
#include "lib/base/log.h"
#include "lib/base/random.h"

namespace ts::account {
namespace {

using session::LogonStatus;
using session::Notice;

/// Instead of PAM's own sleep of seconds after a wrong password: the client is let go at once.
void no_delay(int, unsigned, void*) noexcept {}

class PamLogon : public Logon {
 public:
  explicit PamLogon(Options options) : options_(std::move(options)) {}
  ~PamLogon() override { close(); }

  Verdict authenticate(Request& request, Person& person) override {
    conversation_ = std::make_unique<PamConversation>(request.password, person);
    auto verdict = decide(request);
    wipe(request.password);
    // The modules of the session's part have nobody to ask: the desktop takes over.
    conversation_ = std::make_unique<PamConversation>("", nobody_);
    pam_conv silent = conversation_->callbacks();
    if (handle_) ::pam_set_item(handle_, PAM_CONV, &silent);
    if (verdict.status == LogonStatus::kLoggedOn) user_ = verdict.user;
    return verdict;
  }

  Verdict check(const std::string& user, const std::string& remote_address) override {
    conversation_ = std::make_unique<PamConversation>("", nobody_);
    auto verdict = decide_check({user, "", remote_address});
    close();
    return verdict;
  }

  Result<> open(int display) override {
    std::string tty = fmt::format(":{}", display);
    ::pam_set_item(handle_, PAM_TTY, tty.c_str());
    ::pam_set_item(handle_, PAM_XDISPLAY, tty.c_str());
    // For pam_systemd, which registers the session with logind.
    ::pam_putenv(handle_, "XDG_SESSION_TYPE=x11");
    ::pam_putenv(handle_, "XDG_SESSION_CLASS=user");
    // Before setcred: modules such as pam_group add to the groups that are there.
    if (::geteuid() == 0 && ::initgroups(user_.name.c_str(), user_.gid) != 0) {
      return fail_errno("entering the account's groups");
    }
    if (int status = ::pam_setcred(handle_, PAM_ESTABLISH_CRED | PAM_SILENT); status != PAM_SUCCESS) {
      return failure("establishing credentials", status);
    }
    credentials_ = true;
    if (int status = ::pam_open_session(handle_, PAM_SILENT); status != PAM_SUCCESS) {
      return failure("opening the account's session", status);
    }
    open_ = true;
    return {};
  }

  std::vector<std::string> environment() const override {
    std::vector<std::string> out;
    char** list = handle_ ? ::pam_getenvlist(handle_) : nullptr;
    for (char** entry = list; entry && *entry; ++entry) {
      out.emplace_back(*entry);
      std::free(*entry);
    }
    std::free(list);
    return out;
  }

  void close() override {
    if (!handle_) return;
    int status = PAM_SUCCESS;
    if (open_) status = ::pam_close_session(handle_, PAM_SILENT);
    if (credentials_) status = ::pam_setcred(handle_, PAM_DELETE_CRED | PAM_SILENT);
    ::pam_end(handle_, status);
    handle_ = nullptr;
    open_ = credentials_ = false;
  }

 private:
  Verdict decide(const Request& request) {
    if (auto refused = refused_at_once(request)) return *refused;
    bool known = matches_up_password(options_, request);
    if (int status = start(request); status != PAM_SUCCESS) return judge(status);
    conversation_->begin_step();
    if (!known) {
      if (int status = ::pam_authenticate(handle_, PAM_DISALLOW_NULL_AUTHTOK); status != PAM_SUCCESS) {
        if (locked_account(request.user, request.password)) return locked();
        return judge(status);
      }
    }
    int status = ::pam_acct_mgmt(handle_, PAM_DISALLOW_NULL_AUTHTOK);
    if (status == PAM_NEW_AUTHTOK_REQD) {
      conversation_->begin_step();
      if (::pam_chauthtok(handle_, PAM_CHANGE_EXPIRED_AUTHTOK) != PAM_SUCCESS) return judge(status, true);
    } else if (status != PAM_SUCCESS) {
      return judge(expired_account(request.user) ? PAM_ACCT_EXPIRED : status, true);
    }
    // Modules may map the name that was typed to another account.
    const void* name = nullptr;
    if (::pam_get_item(handle_, PAM_USER, &name) != PAM_SUCCESS || !name) return bad_credentials();
    auto verdict = accepted(options_, static_cast<const char*>(name));
    if (verdict.status == LogonStatus::kLoggedOn) conversation_->show();
    return verdict;
  }

  Verdict decide_check(const Request& request) {
    if (int status = start(request); status != PAM_SUCCESS) return judge(status);
    if (int status = ::pam_acct_mgmt(handle_, PAM_SILENT | PAM_DISALLOW_NULL_AUTHTOK); status != PAM_SUCCESS)
      return judge(expired_account(request.user) ? PAM_ACCT_EXPIRED : status, true);
    // Of PAM's modules only the authentication looks for it.
    if (locked_account(request.user)) return locked();
    return accepted(options_, request.user);
  }

  int start(const Request& request) {
    close();
    pam_conv callbacks = conversation_->callbacks();
    const char* folder = options_.pam_configuration.empty() ? nullptr : options_.pam_configuration.c_str();
    int status = folder
                     ? ::pam_start_confdir(options_.pam_service.c_str(), request.user.c_str(), &callbacks,
                                           folder, &handle_)
                     : ::pam_start(options_.pam_service.c_str(), request.user.c_str(), &callbacks, &handle_);
    if (status != PAM_SUCCESS) {
      handle_ = nullptr;
      return status;
    }
    auto delay = &no_delay;
    const void* item = nullptr;
    static_assert(sizeof item == sizeof delay);
    std::memcpy(&item, &delay, sizeof item);
    ::pam_set_item(handle_, PAM_FAIL_DELAY, item);
    ::pam_set_item(handle_, PAM_TTY, "ts");
    // Without the port: access rules name hosts.
    std::string host = request.remote_address.substr(0, request.remote_address.rfind(':'));
    if (host.size() > 1 && host.front() == '[') host = host.substr(1, host.size() - 2);
    if (!host.empty()) ::pam_set_item(handle_, PAM_RHOST, host.c_str());
    return PAM_SUCCESS;
  }

  static Verdict locked() {
    return {LogonStatus::kAccountRefused,
            "this account is locked: ask the administrator",
            {},
            Notice::kAccountLocked};
  }

  /// What a failed step means.
  Verdict judge(int status, bool authenticated = false) {
    const std::string& said = conversation_->said();
    std::string text = handle_ ? ::pam_strerror(handle_, status) : "PAM could not be started";
    if (!said.empty()) text += ": " + said;
    auto refused = [&](Notice notice, std::string_view what) {
      return Verdict{LogonStatus::kAccountRefused, fmt::format("{} ({})", what, text), {}, notice, said};
    };
    switch (status) {
      case PAM_AUTH_ERR:
      case PAM_USER_UNKNOWN:
      case PAM_MAXTRIES:
      case PAM_PERM_DENIED:
      case PAM_CRED_INSUFFICIENT: {
        if (authenticated) return refused(Notice::kNotAllowed, "this account may not log on here");
        auto verdict = bad_credentials();
        verdict.detail = said;
        return verdict;
      }
      case PAM_ACCT_EXPIRED:
        return refused(Notice::kAccountExpired, "this account has expired: ask the administrator");
      case PAM_NEW_AUTHTOK_REQD:
      case PAM_AUTHTOK_EXPIRED:
        return refused(Notice::kPasswordExpired,
                       "the password of this account has expired and was not changed");
      case PAM_CONV_ERR:
      case PAM_ABORT:
        if (handle_) return {LogonStatus::kFailed, text, {}, Notice::kSessionFailed, said};
        [[fallthrough]];
      default:
        return {LogonStatus::kFailed, text, {}, Notice::kNoAccountService, said.empty() ? text : said};
    }
  }

  Unexpected failure(std::string_view what, int status) const {
    return fail(ErrorCode::kSystem, "{}: {}", what, ::pam_strerror(handle_, status));
  }

  /// For modules that ask when nobody is asked any more.
  class Nobody : public Person {
   public:
    std::optional<std::string> ask(session::LogonPrompt::Style, const std::string&) override {
      return std::nullopt;
    }
  };

  Options options_;
  Nobody nobody_;
  std::unique_ptr<PamConversation> conversation_;
  pam_handle_t* handle_ = nullptr;
  os::User user_;
  bool credentials_ = false;
  bool open_ = false;
};

}  // namespace

std::unique_ptr<Logon> make_pam_logon(const Options& options) {
  return std::make_unique<PamLogon>(options);
}

}  // namespace ts::account
