#include "lib/session/host_machine.h"

#include <utility>

namespace ts::session {

HostMachine::HostMachine(SessionId id, std::int32_t pid, std::chrono::seconds logon_timeout,
                         HostEffects& effects)
    : effects_(effects), logon_timeout_(logon_timeout) {
  state_.session_id = id;
  state_.pid = pid;
}

void HostMachine::announce() {
  effects_.announce(state_);
}

/// The state while nobody is logged on.
State HostMachine::resting_state() const {
  if (state_.display < 0) return State::kInit;
  return state_.attached != 0 || state_.session_id == kConsoleSession ? State::kConn : State::kIdle;
}

void HostMachine::display_ready(std::int32_t display) {
  if (phase_ == Phase::kEnding) return;
  state_.display = display;
  state_.state = resting_state();
  if (state_.attached != 0) shown_ ? effects_.show_display() : effects_.fit_display(state_.client);
  start_when_possible();
  announce();
}

void HostMachine::display_restarted() {
  if (phase_ == Phase::kEnding || state_.attached == 0 || state_.display < 0) return;
  shown_ ? effects_.show_display() : effects_.fit_display(state_.client);
}

/// The curtain goes up.
void HostMachine::show() {
  if (std::exchange(shown_, true)) return;
  effects_.set_timeout(HostTimer::kCurtain, {});
  if (state_.display >= 0) effects_.show_display();
  if (phase_ != Phase::kLoggedOn) show_page();
}

void HostMachine::manager_connected() {
  announce();
  if (phase_ == Phase::kPermission) effects_.ask_permission(attempt_);
  // While the person chooses nothing is asked: the next choice tells whose it is.
  if (phase_ == Phase::kApproved) ask_manager();
}

/// Where the user who is authenticated goes.
void HostMachine::ask_manager() {
  chosen_ ? effects_.tell_chosen(*chosen_) : effects_.tell_authenticated(account_);
}

bool HostMachine::attach(const AttachStack& message, std::int64_t now) {
  bool comes_back = message.logged_on != 0;
  if (comes_back ? phase_ != Phase::kLoggedOn : phase_ != Phase::kWaiting || state_.attached != 0)
    return false;
  if (state_.attached != 0) effects_.release_stack(EndReason::kReplaced);
  effects_.take_stack();
  state_.attached = 1;
  state_.connection = message.connection;
  state_.client = message.client;
  state_.connect_time = now;
  state_.end_reason = EndReason::kNone;
  state_.automatic = comes_back ? message.automatic : 0;
  state_.touched = 0;
  state_.state = comes_back ? State::kActive : resting_state();
  shown_ = false;
  if (comes_back) {
    show();
    tell_logged_on();
    // Of a session that another computer has taken over, the one before must not get hold by itself.
    effects_.change_cookie(message.automatic != 0 ? CookieChange::kRenewed : CookieChange::kNew);
  } else {
    if (state_.display >= 0) effects_.fit_display(state_.client);
    effects_.set_timeout(HostTimer::kLogon, logon_timeout_);
  }
  announce();
  return true;
}

void HostMachine::stack_gone(std::int64_t now) {
  if (state_.attached == 0 || phase_ == Phase::kClearing) return;
  if (phase_ != Phase::kLoggedOn && phase_ != Phase::kEnding && !shown_) return leave();
  state_.attached = 0;
  state_.automatic = 0;
  state_.connection = {};
  state_.last_client = std::exchange(state_.client, {});
  state_.disconnect_time = now;
  if (phase_ == Phase::kLoggedOn) {
    state_.state = State::kDisc;
    effects_.change_cookie(CookieChange::kClientLost);
    announce();
  } else if (phase_ != Phase::kEnding) {
    end(EndReason::kNone);
  }
}

void HostMachine::touched() {
  if (state_.attached == 0 || state_.touched != 0 || phase_ == Phase::kLoggedOn || phase_ == Phase::kEnding)
    return;
  state_.touched = 1;
  announce();
}

/// The stack has gone and has seen nothing.
void HostMachine::leave() {
  phase_ = Phase::kClearing;
  stop_timers();
  start_wanted_ = false;
  effects_.forget_credentials();
  effects_.stop_authentication();
  effects_.clear();
}

void HostMachine::cleared(bool clean) {
  if (phase_ != Phase::kClearing) return;
  state_.attached = 0;
  state_.connection = {};
  state_.client = {};
  if (!clean) return end(EndReason::kNone);
  phase_ = Phase::kWaiting;
  account_ = {};
  attempt_ = {};
  form_ = {};
  prompt_ = {};
  choice_ = {};
  chosen_.reset();
  domain_ = {};
  program_ = {};
  state_.connect_time = 0;
  state_.touched = 0;
  state_.state = resting_state();
  announce();
}

void HostMachine::detach(EndReason reason, std::int64_t now) {
  if (phase_ == Phase::kEnding || state_.attached == 0) return;
  if (phase_ != Phase::kLoggedOn) {
    end(reason);
    return;
  }
  effects_.release_stack(reason);
  // Somebody wanted that client to go: it has not lost its connection.
  effects_.change_cookie(CookieChange::kVoid);
  state_.end_reason = reason;
  stack_gone(now);
}

bool HostMachine::moved(const ConnectionId& connection, std::int64_t now) {
  if (phase_ == Phase::kEnding || phase_ == Phase::kClearing || state_.attached == 0 ||
      state_.connection != connection)
    return false;
  effects_.hand_over_stack();
  effects_.change_cookie(CookieChange::kVoid);
  stack_gone(now);
  return true;
}

void HostMachine::timed_out(HostTimer timer) {
  switch (timer) {
    case HostTimer::kLogon:
      if (phase_ != Phase::kLoggedOn && phase_ != Phase::kClearing) end(EndReason::kLogonTimeout);
      return;
    case HostTimer::kCurtain:
      if (phase_ != Phase::kClearing && phase_ != Phase::kEnding && state_.attached != 0) show();
      return;
    case HostTimer::kAttempt:
      if (phase_ != Phase::kDelayed) return;
      phase_ = Phase::kAuthenticating;
      return effects_.authenticate();
    case HostTimer::kManager:
      if (phase_ != Phase::kApproved && phase_ != Phase::kPermission) return;
      UserinitResult result;
      result.notice = Notice::kSessionFailed;
      result.message = FixedText<256>("the session manager does not answer");
      result.detail = FixedText<512>(result.message.view());
      return fail_logon(result);
  }
}

void HostMachine::end(EndReason reason) {
  if (phase_ == Phase::kEnding) return;
  phase_ = Phase::kEnding;
  stop_timers();
  effects_.forget_credentials();
  effects_.change_cookie(CookieChange::kVoid);
  state_.state = State::kDown;
  state_.end_reason = reason;
  if (state_.attached != 0) effects_.release_stack(reason);
  state_.attached = 0;
  announce();
  effects_.begin_end();
}

void HostMachine::stop_timers() {
  for (HostTimer timer : {HostTimer::kLogon, HostTimer::kManager, HostTimer::kAttempt, HostTimer::kCurtain})
    effects_.set_timeout(timer, {});
}

void HostMachine::note_logon(LogonStatus status) {
  state_.logon = 1 + static_cast<std::uint32_t>(status);
  ++state_.logons;
}

void HostMachine::tell_logged_on() {
  LogonResult result;
  result.status = LogonStatus::kLoggedOn;
  result.session_id = state_.session_id;
  result.user = state_.user;
  result.domain = state_.domain;
  effects_.tell_logon(result);
}

}  // namespace ts::session
