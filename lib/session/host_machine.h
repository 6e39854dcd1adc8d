// What a session's host does next: the life of one session from waiting through logon, disconnection and
// coming back to its end. Pure: events in, effects out; processes, sockets and time are the caller's
// (cmd/tshost).
//
//   Init -> Idle (console: Conn) -> attach: Conn -> credentials -> authenticated -> StartShell -> Active <->
//   Disc
//   -> Down. A session that nobody has logged on to ends when its stack goes; a logged-on one only becomes
//   Disc.
//
// INVARIANT: every change of what HostState says is announced, after the effects that led to it. After
// begin_end() nothing but release_stack() and announcements follows.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "lib/session/host_messages.h"
#include "lib/session/stack_messages.h"
#include "lib/session/userinit_messages.h"

namespace ts::session {

/// How long an authenticated user waits for tssession, which may be restarting, to decide where the shell
/// runs.
inline constexpr std::chrono::seconds kManagerTimeout{30};

class HostEffects {
 public:
  virtual ~HostEffects() = default;
  /// To tssession, if it is there.
  virtual void announce(const HostState& state) = 0;
  virtual void tell_authenticated(const Authenticated& message) = 0;
  /// To the attached stack: the display server's whereabouts.
  virtual void show_display() = 0;
  virtual void tell_logon(const LogonResult& result) = 0;
  /// The stack that attach() was called for is the attached one from now on.
  virtual void take_stack() = 0;
  /// Tell the attached stack why and let it go; another may be attached at once.
  virtual void release_stack(EndReason reason) = 0;
  /// Start tsuserinit and hand it the stack's credentials.
  virtual void authenticate() = 0;
  virtual void start_shell() = 0;
  /// timed_out() is wanted after this time; zero: not any more.
  virtual void set_timeout(std::chrono::seconds delay) = 0;
  /// End every process of the session, then this one.
  virtual void begin_end() = 0;
};

class HostMachine {
 public:
  /// `pid`: of the host. Times passed to events are Unix seconds.
  HostMachine(SessionId id, std::int32_t pid, HostEffects& effects);

  void display_ready(std::int32_t display);
  /// tsdisplay was started anew: the attached stack needs a fresh display socket.
  void display_restarted();
  void manager_connected();

  /// False: this session cannot take it now, and the caller closes the stack's socket.
  bool attach(const AttachStack& message, std::int64_t now);
  void stack_gone(std::int64_t now);
  void detach(EndReason reason, std::int64_t now);

  /// False: credentials are not expected now, the stack breaks the rules.
  bool credentials(const Credentials& message);
  void authenticated(const UserinitResult& result);
  void start_shell(const ConnectionId& connection);
  void shell_started(const UserinitStarted& message, std::int64_t now);
  void timed_out();

  /// The session ends, whatever the state.
  void end(EndReason reason);

  const HostState& state() const { return state_; }
  bool logged_on() const { return phase_ == Phase::kLoggedOn; }
  bool ending() const { return phase_ == Phase::kEnding; }

 private:
  enum class Phase {
    kWaiting,         // for a stack and its credentials
    kAuthenticating,  // tsuserinit works
    kApproved,        // tssession decides
    kStarting,        // tsuserinit starts the shell
    kLoggedOn,
    kEnding
  };
  void announce();
  void refuse(LogonStatus status, std::string_view message, EndReason reason);
  void tell_logged_on();
  void start_when_possible();
  State resting_state() const;

  HostEffects& effects_;
  HostState state_;
  Phase phase_ = Phase::kWaiting;
  bool start_wanted_ = false;  // StartShell came before the display server was up
  Authenticated account_;
  FixedText<256> domain_;
  FixedText<256> program_;
};

}  // namespace ts::session
