// [XSSO] Pluggable Authentication Modules, as Linux-PAM has them: pam(3), pam_conv(3).
#include <grp.h>
#include <security/pam_appl.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>

#include "lib/account/password_check.h"
#include "lib/base/log.h"
#include "lib/base/random.h"

namespace ts::account {
namespace {

using session::LogonStatus;

constexpr std::size_t kMaxMessages = 1000;  // bytes kept of what modules say

/// What the modules are answered with and what they said.
struct Conversation {
  std::string password;
  std::string messages;
};

void free_answers(pam_response* answers, int count) {
  for (int i = 0; i < count; ++i) {
    if (!answers[i].resp) continue;
    wipe(answers[i].resp, std::strlen(answers[i].resp));
    std::free(answers[i].resp);
  }
  std::free(answers);
}

/// Every hidden prompt is answered with the password; nobody is there to answer another question.
int converse(int count, const pam_message** messages, pam_response** out, void* data) noexcept {
  auto& conversation = *static_cast<Conversation*>(data);
  if (count <= 0 || count > PAM_MAX_NUM_MSG) return PAM_CONV_ERR;
  auto* answers =
      static_cast<pam_response*>(std::calloc(static_cast<std::size_t>(count), sizeof(pam_response)));
  if (!answers) return PAM_BUF_ERR;
  for (int i = 0; i < count; ++i) {
    switch (messages[i]->msg_style) {
      case PAM_PROMPT_ECHO_OFF:
        answers[i].resp = ::strdup(conversation.password.c_str());
        if (!answers[i].resp) {
          free_answers(answers, count);
          return PAM_BUF_ERR;
        }
        break;
      case PAM_ERROR_MSG:
      case PAM_TEXT_INFO:
        if (messages[i]->msg && conversation.messages.size() < kMaxMessages) {
          if (!conversation.messages.empty()) conversation.messages += "; ";
          conversation.messages += messages[i]->msg;
        }
        break;
      default:
        free_answers(answers, count);
        return PAM_CONV_ERR;
    }
  }
  *out = answers;
  return PAM_SUCCESS;
}

/// Instead of PAM's own sleep of seconds after a wrong password: the client is let go at once.
void no_delay(int, unsigned, void*) noexcept {}

class PamLogon : public Logon {
 public:
  explicit PamLogon(Options options) : options_(std::move(options)) {}
  ~PamLogon() override { close(); }

  Verdict authenticate(Request& request) override {
    auto verdict = decide(request);
    wipe(request.password);
    wipe(conversation_.password);
    if (verdict.status == LogonStatus::kLoggedOn) user_ = verdict.user;
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
    if (!known) {
      if (int status = ::pam_authenticate(handle_, PAM_DISALLOW_NULL_AUTHTOK); status != PAM_SUCCESS) {
        return judge(status);
      }
    }
    if (int status = ::pam_acct_mgmt(handle_, PAM_DISALLOW_NULL_AUTHTOK); status != PAM_SUCCESS) {
      return judge(status, true);
    }
    // Modules may map the name that was typed to another account.
    const void* name = nullptr;
    if (::pam_get_item(handle_, PAM_USER, &name) != PAM_SUCCESS || !name) return bad_credentials();
    return accepted(static_cast<const char*>(name));
  }

  int start(const Request& request) {
    close();
    conversation_.password = request.password;
    conversation_.messages.clear();
    pam_conv callbacks{converse, &conversation_};
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

  static Verdict kept_out(const std::string& said) {
    return {LogonStatus::kAccountRefused,
            said.empty() ? "this account may not log on here" : "this account may not log on here: " + said,
            {}};
  }

  /// What a failed step means for the client.
  Verdict judge(int status, bool authenticated = false) {
    std::string said = conversation_.messages;
    std::string text = handle_ ? ::pam_strerror(handle_, status) : "PAM could not be started";
    switch (status) {
      case PAM_AUTH_ERR:
      case PAM_USER_UNKNOWN:
      case PAM_MAXTRIES:
        return authenticated ? kept_out(said) : bad_credentials();
      case PAM_ACCT_EXPIRED:
        return {LogonStatus::kAccountRefused, "this account has expired: ask the administrator", {}};
      case PAM_NEW_AUTHTOK_REQD:
      case PAM_AUTHTOK_EXPIRED:
        return {
            LogonStatus::kAccountRefused, "the password of this account has expired: change it first", {}};
      case PAM_PERM_DENIED:
      case PAM_CRED_INSUFFICIENT:
        return kept_out(said);
      default:
        return {LogonStatus::kFailed, said.empty() ? text : text + ": " + said, {}};
    }
  }

  Unexpected failure(std::string_view what, int status) const {
    return fail(ErrorCode::kSystem, "{}: {}", what, ::pam_strerror(handle_, status));
  }

  Options options_;
  Conversation conversation_;
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
