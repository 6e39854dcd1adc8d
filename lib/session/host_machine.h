// What a session's host does next: the life of one session from waiting through logon, disconnection and
// coming back to its end. Pure: events in, effects out; processes, sockets and time are the caller's
// (cmd/tshost).
//
//   Init -> Idle (console: Conn) -> attach: Conn -> credentials, from the client or typed at the logon screen
//   -> attempt permitted -> authenticated -> (a choice among the user's sessions) -> StartShell -> Active <->
//   Disc -> Down. What fails before Active goes back to the logon screen's form. A session that nobody has
//   logged on to ends when its stack goes, or when the logon takes too long; a logged-on one only becomes
//   Disc.
//
// A client that brings its password along is shown nothing until there is something to see: a question, a
// failure, its desktop, or that it takes a while. Most who have a session already are in it by then. Where no
// stack was shown the display, nothing of it can be kept for the next user, and nothing of this one was put
// on it: the session goes back to Idle when its stack goes, once no process of the logon is left.
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

/// How long a person waits for tssession, which may be restarting, to permit the attempt or to decide where
/// the shell runs.
inline constexpr std::chrono::seconds kManagerTimeout{30};

/// And how long they look at nothing while a password is checked.
inline constexpr std::chrono::milliseconds kCurtainTime{400};

enum class HostTimer {
  kLogon,    // from attaching to a started shell
  kManager,  // kManagerTimeout
  kAttempt,  // what tssession wants an attempt to wait
  kCurtain   // kCurtainTime
};

/// What becomes of the cookie with which a client comes back by itself (lib/session/reconnect_cookie.h).
enum class CookieChange {
  kNew,         // what was given is void; the attached stack gets another one
  kRenewed,     // its holder is back; the attached stack gets another one
  kClientLost,  // it may be used now
  kVoid
};

class HostEffects {
 public:
  virtual ~HostEffects() = default;
  /// To tssession, if it is there.
  virtual void announce(const HostState& state) = 0;
  virtual void tell_authenticated(const Authenticated& message) = 0;
  virtual void tell_shell_failed(const ShellFailed& message) = 0;
  virtual void ask_permission(const LogonAttempt& message) = 0;
  virtual void tell_chosen(const SessionChosen& message) = 0;
  /// A client of this size is there: the desktop takes it, before anybody is shown anything.
  virtual void fit_display(const ClientInfo& client) = 0;
  /// To the attached stack: the display server's whereabouts.
  virtual void show_display() = 0;
  virtual void tell_logon(const LogonResult& result) = 0;
  /// After tell_logon() where the stack gets one.
  virtual void change_cookie(CookieChange change) = 0;
  /// The stack that attach() was called for is the attached one from now on.
  virtual void take_stack() = 0;
  /// Tell the attached stack why and let it go; another may be attached at once.
  virtual void release_stack(EndReason reason) = 0;
  /// The attached stack shows another session from now on: it is let go without a word, and lives on.
  virtual void hand_over_stack() = 0;
  /// To the logon screen. A client is there; what it shows from now on.
  virtual void greet(const ClientInfo& client) = 0;
  virtual void show_form(const LogonForm& form) = 0;
  /// `delay`: how long the attempt is made to wait.
  virtual void show_working(std::string_view user, std::chrono::milliseconds delay) = 0;
  virtual void show_prompt(const UserinitPrompt& prompt) = 0;
  virtual void show_choice(const LogonChoice& choice) = 0;
  /// tsuserinit goes on.
  virtual void answer_nothing() = 0;
  virtual void end_logon_screen() = 0;
  /// Start tsuserinit and hand it the credentials.
  virtual void authenticate() = 0;
  /// End tsuserinit, whatever it does.
  virtual void stop_authentication() = 0;
  /// The credentials are not needed any more.
  virtual void forget_credentials() = 0;
  virtual void start_shell() = 0;
  /// Nobody was shown the session: see that nothing of the logon is left in it, then cleared().
  virtual void clear() = 0;
  /// timed_out() is wanted after this time; zero: not any more.
  virtual void set_timeout(HostTimer timer, std::chrono::milliseconds delay) = 0;
  /// End every process of the session, then this one.
  virtual void begin_end() = 0;
};

class HostMachine {
 public:
  /// `pid`: of the host. Times passed to events are Unix seconds.
  HostMachine(SessionId id, std::int32_t pid, std::chrono::seconds logon_timeout, HostEffects& effects);

  void display_ready(std::int32_t display);
  /// tsdisplay was started anew: the attached stack needs a fresh display socket.
  void display_restarted();
  void manager_connected();

  /// False: this session cannot take it now, and the caller closes the stack's socket.
  bool attach(const AttachStack& message, std::int64_t now);
  void stack_gone(std::int64_t now);
  /// The attached client uses keys or the mouse.
  void touched();
  void detach(EndReason reason, std::int64_t now);
  /// This connection's stack shows another session. False: it is not attached here (any more).
  bool moved(const ConnectionId& connection, std::int64_t now);

  /// The client's. False: they are not expected now, the stack breaks the rules.
  bool credentials(const Credentials& message);
  /// From the logon screen. False: not expected now.
  bool typed(const Credentials& message);
  bool answered();
  /// False also for what the list does not have.
  bool chosen(SessionId session);
  void cancelled(bool disconnect);
  /// It was started anew: it shows what there is to show.
  void logon_screen_restarted();

  /// tssession's answer to ask_permission(): the attempt may be made after this time.
  void permitted(const ConnectionId& connection, std::chrono::milliseconds delay);
  void prompted(const UserinitPrompt& prompt);
  /// How many sessions who is being authenticated may have.
  void set_per_user(std::uint32_t per_user) { account_.per_user = per_user; }
  /// What they may use, and what of that is in force. Announced with the next change.
  void set_resources(const Resources& resources) { state_.resources = resources; }
  void authenticated(const UserinitResult& result);
  /// tsuserinit ended before anybody was logged on, which `result` says.
  void userinit_gone(const UserinitResult& result);
  void start_shell(const ConnectionId& connection);
  /// tssession's other answer: not now. The person in front is told `notice`.
  void deny_shell(const DenyShell& message);
  /// And the third one: the person chooses first.
  void offer(const OfferSessions& message);
  void shell_started(const UserinitStarted& message, std::int64_t now);
  void timed_out(HostTimer timer);
  /// The answer to clear(). False: something is left, and the session ends.
  void cleared(bool clean);

  /// The session ends, whatever the state.
  void end(EndReason reason);

  const HostState& state() const { return state_; }
  /// The client's, now: whoever keeps them for the attempt must not let others take the place of those tried.
  bool awaits_credentials() const { return phase_ == Phase::kWaiting && state_.attached != 0; }
  bool logged_on() const { return phase_ == Phase::kLoggedOn; }
  bool ending() const { return phase_ == Phase::kEnding; }
  /// Who tries, or tried last, as it was typed.
  std::string_view attempted_user() const { return attempt_.user.view(); }

 private:
  enum class Phase {
    kWaiting,         // for a stack and its credentials
    kForm,            // somebody types
    kPermission,      // tssession decides when the attempt may be made
    kDelayed,         // until then
    kAuthenticating,  // tsuserinit works
    kAsked,           // and waits for an answer
    kApproved,        // tssession decides
    kChoosing,        // the person does
    kStarting,        // tsuserinit starts the shell
    kLoggedOn,
    kClearing,  // what is left of a logon that nobody was shown goes
    kEnding
  };
  void announce();
  void show();
  void show_page();
  void show_working();
  void leave();
  void stop_timers();
  void attempt(const Credentials& message);
  void go_back_to_form(const LogonForm& form);
  void fail_logon(const UserinitResult& result);
  void tell_logged_on();
  void note_logon(LogonStatus status);
  void ask_manager();
  void start_when_possible();
  State resting_state() const;

  HostEffects& effects_;
  HostState state_;
  Phase phase_ = Phase::kWaiting;
  bool shown_ = false;         // the attached stack has, or gets, the display
  bool typed_ = false;         // the credentials that are tried came from the logon screen
  bool start_wanted_ = false;  // StartShell came before the display server was up
  std::chrono::seconds logon_timeout_;
  Authenticated account_;
  LogonAttempt attempt_;
  LogonForm form_;
  UserinitPrompt prompt_;
  LogonChoice choice_;
  std::optional<SessionChosen> chosen_;  // said, and not answered yet
  FixedText<256> domain_;
  FixedText<256> program_;
};

}  // namespace ts::session
