// A session's host between those whom it does not trust (stack, logon screen, the account's PAM modules) and
// tssession, in any order of messages with any contents. The input is a list of steps: which event, how many
// bytes of its message follow, those bytes.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "lib/session/host_machine.h"

namespace ts::session::exercise {

inline void require(bool holds) {
  if (!holds) std::abort();
}

/// Holds the machine to its promises: who gets a shell, and that nothing follows the end.
class Watcher : public HostEffects {
 public:
  void announce(const HostState& state) override {
    require(!state_name(state.state).empty());
    require(state.state != State::kActive || state.attached != 0);
    require(!ending_ || state.state == State::kDown);
  }
  void tell_authenticated(const Authenticated&) override { alive(); }
  void tell_shell_failed(const ShellFailed&) override { alive(); }
  void ask_permission(const LogonAttempt&) override {
    alive();
    permitted = false;
  }
  void tell_chosen(const SessionChosen& message) override {
    alive();
    const std::size_t count = std::min<std::size_t>(choice_.count, LogonChoice::kMost);
    const bool listed = std::any_of(choice_.entries.begin(), choice_.entries.begin() + count,
                                    [&](const auto& entry) { return entry.id == message.chosen; });
    require(message.chosen == LogonChosen::kNewSession ? choice_.may_start_new != 0 : listed);
  }
  void fit_display(const ClientInfo&) override { alive(); }
  void change_cookie(CookieChange change) override {
    alive();
    require((change != CookieChange::kNew && change != CookieChange::kRenewed) || (started && stack_));
  }
  void show_display() override { attended(); }
  void tell_logon(const LogonResult& result) override {
    attended();
    require(result.status != LogonStatus::kLoggedOn || started);
  }
  void take_stack() override {
    alive();
    require(!stack_ && !clearing_);
    stack_ = true;
  }
  void release_stack(EndReason) override {
    require(stack_ || clearing_);
    stack_ = false;
  }
  void hand_over_stack() override {
    alive();
    require(stack_);
    stack_ = false;
  }
  void greet(const ClientInfo&) override { attended(); }
  void show_form(const LogonForm&) override { attended(); }
  void show_working(std::string_view, std::chrono::milliseconds) override { attended(); }
  void show_prompt(const UserinitPrompt&) override { attended(); }
  void show_choice(const LogonChoice& choice) override {
    attended();
    choice_ = choice;
  }
  void answer_nothing() override { alive(); }
  void end_logon_screen() override { alive(); }
  void authenticate() override {
    attended();
    require(permitted);
    proven = approved = false;
  }
  void stop_authentication() override {
    alive();
    proven = approved = false;
  }
  void forget_credentials() override {}
  void start_shell() override {
    attended();
    require(proven && approved);
    shell_wanted = true;
  }
  void clear() override {
    alive();
    require(!started && !proven && !clearing_);
    clearing_ = true;
    stack_ = false;
  }
  void set_timeout(HostTimer, std::chrono::milliseconds) override {}
  void begin_end() override {
    alive();
    require(!stack_);
    ending_ = true;
  }

  /// The stack closed its socket: the caller has let go of it.
  void stack_closed() { stack_ = false; }
  bool has_stack() const { return stack_; }
  bool clearing() const { return clearing_; }
  void cleared() { clearing_ = false; }

  bool permitted = false;  // tssession allowed an attempt since it was last asked
  bool proven = false;     // an account's modules said yes since the last attempt
  bool approved = false;   // tssession said that the shell is to start here
  bool shell_wanted = false;
  bool started = false;

 private:
  void alive() const { require(!ending_); }
  /// Somebody is there to see it.
  void attended() const { require(!ending_ && stack_ && !clearing_); }

  LogonChoice choice_;
  bool stack_ = false, clearing_ = false, ending_ = false;
};

class Steps {
 public:
  explicit Steps(ByteView bytes) : rest_(bytes) {}
  bool more() const { return !rest_.empty(); }
  std::uint8_t byte() {
    if (rest_.empty()) return 0;
    const auto value = std::to_integer<std::uint8_t>(rest_.front());
    rest_ = rest_.subspan(1);
    return value;
  }
  /// What is there of it, behind its type; the rest as it is made.
  template <typename T>
  T message() {
    T out;
    const std::size_t size = std::min({std::size_t{byte()}, rest_.size(), sizeof out - sizeof out.header});
    std::memcpy(reinterpret_cast<std::byte*>(&out) + sizeof out.header, rest_.data(), size);
    rest_ = rest_.subspan(size);
    return out;
  }

 private:
  ByteView rest_;
};

inline void step(HostMachine& machine, Watcher& watcher, Steps& steps, std::int64_t now) {
  switch (steps.byte() % 23) {
    case 0:  // once
      return machine.state().display < 0 ? machine.display_ready(7) : void();
    case 1:
      return machine.display_restarted();
    case 2:
      return machine.manager_connected();
    case 3:
      return (void)machine.attach(steps.message<AttachStack>(), now);
    case 4:
      watcher.stack_closed();
      return machine.stack_gone(now);
    case 5:
      return machine.detach(EndReason::kDisconnectedByAdmin, now);
    case 6:
      return (void)machine.moved(machine.state().connection, now);
    case 7:
      return (void)machine.credentials(steps.message<Credentials>());
    case 8:
      return (void)machine.typed(steps.message<Credentials>());
    case 9:
      return (void)machine.answered();
    case 10:
      return (void)machine.chosen(steps.message<LogonChosen>().session);
    case 11:
      return machine.cancelled(steps.byte() % 2 != 0);
    case 12:
      return machine.logon_screen_restarted();
    case 13:
      watcher.permitted = true;
      return machine.permitted(machine.state().connection, std::chrono::milliseconds(steps.byte()));
    case 14:
      return machine.prompted(steps.message<UserinitPrompt>());
    case 15: {
      const auto result = steps.message<UserinitResult>();
      // What more is said after a yes is not heard.
      if (result.status == LogonStatus::kLoggedOn) watcher.proven = true;
      return machine.authenticated(result);
    }
    case 16: {
      // Its host's own words, which never say that somebody is logged on.
      auto result = steps.message<UserinitResult>();
      if (result.status == LogonStatus::kLoggedOn) result.status = LogonStatus::kFailed;
      return machine.userinit_gone(result);
    }
    case 17:
      watcher.approved = true;
      return machine.start_shell(machine.state().connection);
    case 18: {
      auto message = steps.message<DenyShell>();
      message.connection = machine.state().connection;
      return machine.deny_shell(message);
    }
    case 19: {
      OfferSessions message;
      message.choice = steps.message<LogonChoice>();
      message.connection = machine.state().connection;
      return machine.offer(message);
    }
    case 20: {
      const auto message = steps.message<UserinitStarted>();
      // tsuserinit says so once, when it was asked.
      if (!std::exchange(watcher.shell_wanted, false)) return;
      if (message.error_number == 0) watcher.started = true;
      return machine.shell_started(message, now);
    }
    case 21:
      return machine.timed_out(static_cast<HostTimer>(steps.byte() % 4));
    default:
      if (!watcher.clearing()) return;
      watcher.cleared();
      return machine.cleared(steps.byte() % 4 != 0);
  }
}

/// Whether somebody was logged on in the end.
inline bool host(ByteView bytes) {
  Watcher watcher;
  HostMachine machine(5, 4711, std::chrono::seconds(60), watcher);
  Steps steps(bytes);
  for (std::int64_t now = 1; steps.more(); ++now) {
    step(machine, watcher, steps, now);
    require(machine.ending() || watcher.clearing() || (machine.state().attached != 0) == watcher.has_stack());
  }
  const bool logged_on = machine.logged_on();
  machine.end(EndReason::kServerShutdown);
  require(machine.ending() && !watcher.has_stack());
  return logged_on;
}

}  // namespace ts::session::exercise
