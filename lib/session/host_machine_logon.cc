// The part of HostMachine that is about a logon: from the client's credentials to the shell.
#include <cerrno>

#include "lib/session/host_machine.h"
#include "lib/session/session_choice.h"

namespace ts::session {

bool HostMachine::credentials(const Credentials& message) {
  if (!awaits_credentials()) return false;
  program_ = FixedText<256>(message.program.view());
  if (!message.user.empty() && !message.password.empty()) {
    attempt(message);
    return true;
  }
  LogonForm form;
  form.user = message.user;
  form.domain = message.domain;
  go_back_to_form(form);
  return true;
}

bool HostMachine::typed(const Credentials& message) {
  if (phase_ != Phase::kForm) return false;
  attempt(message);
  return true;
}

void HostMachine::attempt(const Credentials& message) {
  typed_ = phase_ == Phase::kForm;
  phase_ = Phase::kPermission;
  domain_ = message.domain;
  attempt_.session_id = state_.session_id;
  attempt_.connection = state_.connection;
  attempt_.user = message.user;
  attempt_.address = state_.client.address;
  show_working();
  if (!shown_) effects_.set_timeout(HostTimer::kCurtain, kCurtainTime);
  effects_.set_timeout(HostTimer::kManager, kManagerTimeout);
  effects_.ask_permission(attempt_);
}

void HostMachine::permitted(const ConnectionId& connection, std::chrono::milliseconds delay) {
  if (phase_ != Phase::kPermission || connection != state_.connection) return;
  effects_.set_timeout(HostTimer::kManager, {});
  phase_ = Phase::kDelayed;
  if (delay.count() <= 0) return timed_out(HostTimer::kAttempt);
  show();
  effects_.show_working(attempt_.user.view(), delay);
  effects_.set_timeout(HostTimer::kAttempt, delay);
}

void HostMachine::prompted(const UserinitPrompt& prompt) {
  if (phase_ != Phase::kAuthenticating) return;
  // Whoever has typed reads what is only told, too; a client that logs on by itself is not held up by it.
  bool question = prompt.style == LogonPrompt::Style::kHidden || prompt.style == LogonPrompt::Style::kVisible;
  if (!question && !typed_) return effects_.answer_nothing();
  phase_ = Phase::kAsked;
  prompt_ = prompt;
  shown_ ? effects_.show_prompt(prompt_) : show();
}

bool HostMachine::answered() {
  if (phase_ != Phase::kAsked) return false;
  phase_ = Phase::kAuthenticating;
  show_working();
  return true;
}

bool HostMachine::chosen(SessionId session) {
  if (phase_ != Phase::kChoosing || !offers(choice_, session)) return false;
  phase_ = Phase::kApproved;
  chosen_ = SessionChosen{};
  chosen_->session_id = state_.session_id;
  chosen_->uid = account_.uid;
  chosen_->connection = state_.connection;
  chosen_->chosen = session;
  show_working();
  effects_.set_timeout(HostTimer::kManager, kManagerTimeout);
  ask_manager();
  return true;
}

void HostMachine::cancelled(bool disconnect) {
  if (phase_ != Phase::kForm && phase_ != Phase::kAsked && phase_ != Phase::kPermission &&
      phase_ != Phase::kDelayed && phase_ != Phase::kAuthenticating && phase_ != Phase::kChoosing) {
    return;
  }
  if (disconnect) return end(EndReason::kDisconnectedByUser);
  LogonForm form;
  form.user = attempt_.user;
  form.domain = domain_;
  go_back_to_form(form);
}

void HostMachine::logon_screen_restarted() {
  if (state_.attached != 0 && shown_) show_page();
}

/// What the person in front is to see, from the start.
void HostMachine::show_page() {
  effects_.greet(state_.client);
  if (phase_ == Phase::kForm) effects_.show_form(form_);
  if (phase_ == Phase::kAsked) effects_.show_prompt(prompt_);
  if (phase_ == Phase::kChoosing) effects_.show_choice(choice_);
  if (phase_ > Phase::kForm && phase_ != Phase::kAsked && phase_ != Phase::kChoosing) show_working();
}

/// The logon screen does not learn who tries before anybody looks at it.
void HostMachine::show_working() {
  if (shown_) effects_.show_working(attempt_.user.view(), {});
}

/// Whatever was going on is over; somebody types anew.
void HostMachine::go_back_to_form(const LogonForm& form) {
  phase_ = Phase::kForm;
  form_ = form;
  start_wanted_ = false;
  effects_.set_timeout(HostTimer::kManager, {});
  effects_.set_timeout(HostTimer::kAttempt, {});
  effects_.forget_credentials();
  effects_.stop_authentication();
  shown_ ? effects_.show_form(form_) : show();
}

/// The stack is told, too: its client may have a sentence of its own for it.
void HostMachine::fail_logon(const UserinitResult& result) {
  note_logon(result.status);
  LogonResult told;
  told.status = result.status;
  told.session_id = state_.session_id;
  told.user = attempt_.user;
  told.message = result.message;
  effects_.tell_logon(told);
  LogonForm form;
  form.notice = result.notice;
  form.user = attempt_.user;
  form.domain = domain_;
  form.detail = result.detail;
  go_back_to_form(form);
  announce();
}

void HostMachine::authenticated(const UserinitResult& result) {
  if (phase_ != Phase::kAuthenticating && phase_ != Phase::kAsked) return;
  if (result.status != LogonStatus::kLoggedOn) return fail_logon(result);
  note_logon(result.status);
  phase_ = Phase::kApproved;
  effects_.forget_credentials();
  account_.session_id = state_.session_id;
  account_.uid = result.uid;
  account_.connection = state_.connection;
  account_.user = FixedText<256>(result.user.view());
  account_.domain = domain_;
  chosen_.reset();
  effects_.set_timeout(HostTimer::kManager, kManagerTimeout);
  ask_manager();
}

void HostMachine::userinit_gone(const UserinitResult& result) {
  if (phase_ == Phase::kAuthenticating || phase_ == Phase::kAsked || phase_ == Phase::kApproved ||
      phase_ == Phase::kChoosing)
    return fail_logon(result);
  if (phase_ != Phase::kStarting) return;
  UserinitStarted started;
  started.error_number = EIO;
  started.message = result.message;
  shell_started(started, 0);
}

void HostMachine::start_shell(const ConnectionId& connection) {
  if (phase_ != Phase::kApproved || connection != state_.connection) return;
  phase_ = Phase::kStarting;
  effects_.set_timeout(HostTimer::kManager, {});
  start_wanted_ = true;
  start_when_possible();
}

void HostMachine::deny_shell(const DenyShell& message) {
  if (phase_ != Phase::kApproved || message.connection != state_.connection) return;
  UserinitResult result;
  result.status = LogonStatus::kAccountRefused;
  result.notice = message.notice;
  result.message = message.message;
  fail_logon(result);
}

void HostMachine::offer(const OfferSessions& message) {
  if (phase_ != Phase::kApproved || message.connection != state_.connection) return;
  phase_ = Phase::kChoosing;
  choice_ = message.choice;
  effects_.set_timeout(HostTimer::kManager, {});
  shown_ ? effects_.show_choice(choice_) : show();
}

void HostMachine::start_when_possible() {
  if (!start_wanted_ || state_.display < 0) return;
  start_wanted_ = false;
  show();
  effects_.start_shell();
}

void HostMachine::shell_started(const UserinitStarted& message, std::int64_t now) {
  if (phase_ != Phase::kStarting) return;
  if (message.error_number != 0) {
    ShellFailed failed;
    failed.session_id = state_.session_id;
    failed.connection = state_.connection;
    effects_.tell_shell_failed(failed);
    UserinitResult result;
    result.notice = message.notice;
    result.message = message.message;
    result.detail = FixedText<512>(message.message.view());
    return fail_logon(result);
  }
  phase_ = Phase::kLoggedOn;
  effects_.set_timeout(HostTimer::kLogon, {});
  effects_.end_logon_screen();
  state_.uid = account_.uid;
  state_.user = account_.user;
  state_.domain = account_.domain;
  state_.program = program_;
  state_.logon_time = now;
  state_.state = State::kActive;
  tell_logged_on();
  effects_.change_cookie(CookieChange::kNew);
  announce();
}

}  // namespace ts::session
