#include "lib/session/host_machine.h"

namespace ts::session {

HostMachine::HostMachine(SessionId id, std::int32_t pid, HostEffects& effects) : effects_(effects) {
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
  if (state_.attached != 0) effects_.show_display();
  start_when_possible();
  announce();
}

void HostMachine::display_restarted() {
  if (phase_ != Phase::kEnding && state_.attached != 0 && state_.display >= 0) effects_.show_display();
}

void HostMachine::manager_connected() {
  announce();
  if (phase_ == Phase::kApproved) effects_.tell_authenticated(account_);
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
  state_.state = comes_back ? State::kActive : resting_state();
  if (state_.display >= 0) effects_.show_display();
  if (comes_back) tell_logged_on();
  announce();
  return true;
}

void HostMachine::stack_gone(std::int64_t now) {
  if (state_.attached == 0) return;
  state_.attached = 0;
  state_.connection = {};
  state_.client = {};
  state_.disconnect_time = now;
  if (phase_ == Phase::kLoggedOn) {
    state_.state = State::kDisc;
    announce();
  } else if (phase_ != Phase::kEnding) {
    end(EndReason::kNone);
  }
}

void HostMachine::detach(EndReason reason, std::int64_t now) {
  if (phase_ == Phase::kEnding || state_.attached == 0) return;
  if (phase_ != Phase::kLoggedOn) {
    end(reason);
    return;
  }
  effects_.release_stack(reason);
  stack_gone(now);
}

bool HostMachine::credentials(const Credentials& message) {
  if (phase_ != Phase::kWaiting || state_.attached == 0) return false;
  phase_ = Phase::kAuthenticating;
  domain_ = FixedText<256>(message.domain.view());
  program_ = FixedText<256>(message.program.view());
  effects_.authenticate();
  return true;
}

void HostMachine::authenticated(const UserinitResult& result) {
  if (phase_ != Phase::kAuthenticating) return;
  if (result.status != LogonStatus::kLoggedOn) {
    auto reason = EndReason::kServerDenied;
    if (result.status == LogonStatus::kBadCredentials) reason = EndReason::kFreshCredentials;
    if (result.status == LogonStatus::kAccountRefused) reason = EndReason::kInsufficientPrivileges;
    refuse(result.status, result.message.view(), reason);
    return;
  }
  phase_ = Phase::kApproved;
  account_.session_id = state_.session_id;
  account_.uid = result.uid;
  account_.connection = state_.connection;
  account_.user = FixedText<256>(result.user.view());
  account_.domain = domain_;
  effects_.set_timeout(kManagerTimeout);
  effects_.tell_authenticated(account_);
}

void HostMachine::start_shell(const ConnectionId& connection) {
  if (phase_ != Phase::kApproved || connection != state_.connection) return;
  phase_ = Phase::kStarting;
  effects_.set_timeout(std::chrono::seconds(0));
  start_wanted_ = true;
  start_when_possible();
}

void HostMachine::start_when_possible() {
  if (!start_wanted_ || state_.display < 0) return;
  start_wanted_ = false;
  effects_.start_shell();
}

void HostMachine::shell_started(const UserinitStarted& message, std::int64_t now) {
  if (phase_ != Phase::kStarting) return;
  if (message.error_number != 0) {
    refuse(LogonStatus::kFailed, message.message.view(), EndReason::kServerDenied);
    return;
  }
  phase_ = Phase::kLoggedOn;
  state_.uid = account_.uid;
  state_.user = account_.user;
  state_.domain = account_.domain;
  state_.program = program_;
  state_.logon_time = now;
  state_.state = State::kActive;
  tell_logged_on();
  announce();
}

void HostMachine::timed_out() {
  if (phase_ != Phase::kApproved) return;
  refuse(LogonStatus::kFailed, "the session manager does not answer", EndReason::kServerDenied);
}

void HostMachine::end(EndReason reason) {
  if (phase_ == Phase::kEnding) return;
  phase_ = Phase::kEnding;
  effects_.set_timeout(std::chrono::seconds(0));
  state_.state = State::kDown;
  if (state_.attached != 0) effects_.release_stack(reason);
  state_.attached = 0;
  announce();
  effects_.begin_end();
}

void HostMachine::refuse(LogonStatus status, std::string_view message, EndReason reason) {
  LogonResult result;
  result.status = status;
  result.session_id = state_.session_id;
  result.message = FixedText<256>(message);
  effects_.tell_logon(result);
  end(reason);
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
