// The session manager's decisions: which sessions are started and ended, which connection gets which session,
// and what happens when somebody has been authenticated. Pure: events come in with the time, actions come
// out, in the order in which they are to be carried out; whoever owns the sockets (cmd/tssession) carries
// them out.
//
// Pool: the console (id 0) first, then sessions.idle waiting ones, refilled soon after one is taken; sessions
// that fail to start are tried again with growing pauses, and one that has waited too long, or is of another
// version, is ended when a new one is there for it. After a restart of the manager the hosts announce
// themselves: if tsspawn says that the console runs already, nothing new is started for a moment.
//
// A user has up to sessions.per_user sessions. With one: who is authenticated a second time gets the session
// that exists. Else who has any is asked on the logon screen which one, or a new one; what is chosen is
// checked when it comes. Of more who come at the same time than may have a session, the others wait until
// the sessions of the first are there.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "lib/base/result.h"
#include "lib/session/host_messages.h"
#include "lib/session/session_table.h"
#include "lib/session/strangers.h"
#include "lib/session/types.h"

namespace ts::session {

struct BrokerLimits {
  std::uint32_t idle = 2;
  std::uint32_t max = 200;                            // sessions, without the console
  std::uint32_t max_logon = 20;                       // connections that have not logged on yet
  std::uint32_t per_user = 1;                         // sessions of one user; 0: any number
  std::chrono::milliseconds connection_wait{10'000};  // for a session to become ready
  bool auto_reconnect = true;                         // clients may come back by themselves
  std::chrono::milliseconds verify_wait{10'000};  // for a host to say whether one may: the account's modules
  std::chrono::milliseconds settle{2'000};        // for living hosts to announce themselves after our restart
  std::chrono::milliseconds start_timeout{
      30'000};  // from asking for a session until its display server is up
  // From taking an idle session until another is started in its place, which costs as much processor time as
  // the logon that goes on meanwhile.
  std::chrono::milliseconds refill_pause{0};
  // An idle session that has waited longer is replaced by a new one; zero: none is.
  std::chrono::milliseconds idle_lifetime{0};
  // Sessions for connections that do not log on: at once, and each second; of one network three quarters and
  // half. 0: any number.
  double strangers_burst = 0, strangers_per_second = 0;

  /// Of max_logon, that one network may have.
  std::uint32_t logon_share() const { return max_logon - max_logon / 4; }
};

/// Why no other session can be started now, beside those `starting`, as a sentence; nothing when one can.
using Shortage = std::function<std::optional<std::string>(std::size_t starting)>;

/// Ask tsspawn.
struct StartHostAction {
  SessionId session = 0;
};
struct EndHostAction {
  SessionId session = 0;
};
/// Tell a host.
struct StartShellAction {
  SessionId session = 0;
  ConnectionId connection{};
};
struct DenyShellAction {
  SessionId session = 0;
  ConnectionId connection{};
  Notice notice = Notice::kNone;
  std::string message;
  ClientInfo client;
  std::string limit;  // the key of the configuration that was reached, or empty
};
struct OfferAction {
  SessionId session = 0;
  ConnectionId connection{};
  LogonChoice choice;
};
struct EndSessionAction {
  SessionId session = 0;
  EndReason reason = EndReason::kNone;
  bool at_once = false;  // its processes have no time to end by themselves
};
/// Make a session socket, give one end to the host and the other to the connection as a reply of Connect;
/// then Broker::attached() or attach_failed(), after connection_gone() or host_gone() if that is why.
struct AttachAction {
  SessionId session = 0;
  ConnectionId connection{};
  ClientInfo client;
  bool logged_on = false;
  std::optional<SessionId> temporary;  // where `user` was authenticated; let go once this has worked
  UserKey user;
  std::optional<SessionId> moved_from;  // which it showed before, and shows on if this fails
  bool automatic = false;               // by the session's cookie
};
/// Ask the host whether this connection's client may come back to its session by itself; then
/// Broker::reconnect_verified().
struct VerifyReconnectAction {
  SessionId session = 0;
  ConnectionId connection{};
  ReconnectProof proof{};
  ClientInfo client;
};
/// For the log: a client did not get back by itself, and is on its way to a logon screen as any other.
struct ReconnectFailedAction {
  SessionId session = 0;  // that it asked for
  ClientInfo client;
  std::string user;  // whose session it is, or empty
  std::string message;
};
/// Tell a connection that it gets no session.
struct RefuseAction {
  ConnectionId connection{};
  EndReason reason = EndReason::kServerDenied;
  std::string message;
  ClientInfo client;
  std::string limit;  // the key of the configuration that was reached, or empty
};
/// For the log: no session is started for want of something; without a message: that is over.
struct ShortageAction {
  std::string message;
};
/// For the log: sessions cannot be started; tried again after the pause.
struct StartFailedAction {
  SessionId session = 0;
  std::string message;
  std::chrono::milliseconds pause{};
};
using Action = std::variant<StartHostAction, EndHostAction, StartShellAction, DenyShellAction, OfferAction,
                            EndSessionAction, AttachAction, VerifyReconnectAction, ReconnectFailedAction,
                            RefuseAction, ShortageAction, StartFailedAction>;

/// What a client has that lost its connection to a session: no more than a word until the session's host has
/// verified it.
struct ReconnectWish {
  SessionId session = 0;
  ReconnectProof proof{};
  std::chrono::milliseconds delay{};  // before anybody looks at it, as for a password that may be guessed
};

/// Whom the broker turns away, and why.
struct Closed {
  bool to_all =
      false;  // who asks for a session gets none; else only those who have none yet, once they logged on
  EndReason reason = EndReason::kServerDenied;  // for `to_all`
  std::string message;                          // a sentence for the log
};

class Broker {
 public:
  explicit Broker(BrokerLimits limits, Shortage shortage = {})
      : limits_(limits),
        shortage_(std::move(shortage)),
        network_debts_(limits.strangers_burst * 3 / 4, limits.strangers_per_second / 2),
        all_debts_(limits.strangers_burst, limits.strangers_per_second) {}

  // From tsspawn.
  void spawn_connected(TimePoint now);
  void spawn_lost(TimePoint now);
  /// Answer to StartHostAction. EEXIST: that session's host runs already.
  void spawn_replied(SessionId id, int error_number, const std::string& message, TimePoint now);
  void host_ended(SessionId id, int wait_status, TimePoint now);

  // From hosts.
  void host_announced(const HostState& state, TimePoint now);
  void host_gone(SessionId id, TimePoint now);
  void authenticated(SessionId id, const Authenticated& message, TimePoint now);
  /// The answer to OfferAction.
  void chosen(SessionId id, const SessionChosen& message, TimePoint now);
  /// StartShellAction was not possible: who waits for that user's session decides anew.
  void shell_failed(SessionId id, const ConnectionId& connection);

  /// The answer to VerifyReconnectAction. Returns whether it was waited for, and good.
  bool reconnect_verified(SessionId id, const ReconnectVerified& message, TimePoint now);

  // From ts.Logon. Connection ids are good once.
  Result<> introduce(const ConnectionId& connection);
  Result<> connect(const ConnectionId& connection, const ClientInfo& client, TimePoint now,
                   const std::optional<ReconnectWish>& wish = std::nullopt);
  void connection_gone(const ConnectionId& connection, TimePoint now);
  std::optional<ClientInfo> client_of(const ConnectionId& connection) const;
  void attached(const AttachAction& done);
  void attach_failed(const AttachAction& failed, TimePoint now);
  /// The same, for want of something that another try would want as well: the connection is refused.
  void attach_impossible(const AttachAction& failed, const std::string& why, TimePoint now);

  // From ts.Session: the caller is allowed to, see access.h.
  void end_session(SessionId id, EndReason reason);
  /// The client of session `from` gets session `to` to show, and `from` becomes disconnected. Returns which
  /// connection that is; kUnavailable when the way to it was lost.
  Result<ConnectionId> move_client(SessionId from, SessionId to);
  /// At once, also one that is ending or starting.
  void reset_session(SessionId id, EndReason reason);

  // From ts.Server. Nothing: everybody is welcome.
  void close(std::optional<Closed> closed) { closed_ = std::move(closed); }
  /// Every session that somebody has or had; those who wait for one are refused. After close().
  void end_all(EndReason reason);
  /// Some of these are there still.
  bool in_use() const;

  void tick(TimePoint now);
  std::optional<TimePoint> next_deadline() const;
  std::vector<Action> take_actions() { return std::exchange(actions_, {}); }

  /// The console and the idle sessions are up, or as many of them as there is enough of everything for.
  bool ready() const;
  const SessionTable& table() const { return table_; }
  /// Connections that have no session yet or have not logged on.
  std::size_t logging_on() const;

 private:
  struct Introduced {};
  struct Waiting {
    TimePoint since;
  };
  struct Proving {
    ReconnectWish wish;
    TimePoint next;      // when it is looked at, then when its host is late
    bool asked = false;  // its host
  };
  struct Mapped {
    SessionId session = 0;
    bool logged_on = false;
  };
  struct Connected {
    ClientInfo client;
    std::string network;         // source_of(client.address)
    TimePoint since{};           // it has asked for a session
    bool authenticated = false;  // its user has given a right password
    std::variant<Introduced, Waiting, Proving, Mapped> stage;
  };
  /// A user some of whose sessions are being started, and who waits for one of them.
  struct Claim {
    std::set<SessionId> sessions;
    std::vector<std::pair<SessionId, ConnectionId>> waiting;
  };

  template <typename T>
  void act(T action) {
    actions_.emplace_back(std::move(action));
  }
  void settle(TimePoint now);
  void update(TimePoint now);
  using Connections = std::map<ConnectionId, Connected>;
  void let_wait(Connections::iterator connection, TimePoint now);
  void prove(Connections::iterator connection, TimePoint now);
  void prove_due(TimePoint now);
  void stop_proving(SessionId id, TimePoint now);
  void fail_reconnect(Connections::iterator connection, std::string why, TimePoint now);
  bool is_logging_on(const Connected& connection) const;
  std::size_t logging_on_from(std::string_view network) const;
  bool make_room(const std::string& network, bool own, TimePoint now);
  std::optional<std::size_t> next_waiting(TimePoint now);
  void note_given(const std::string& network, TimePoint now);
  void note_authenticated(const ConnectionId& connection);
  bool assign_waiting(TimePoint now);  // whether there was anything to give
  void refuse_hopeless();
  void start_missing(TimePoint now);
  void end_surplus(TimePoint now);
  bool is_stale(const Record& record, TimePoint now) const;
  bool is_short(TimePoint now);
  void start_console(TimePoint now);
  void start(const Record& record);
  void remove(SessionId id, const std::string& why, TimePoint now);
  void start_failed(SessionId id, const std::string& why, TimePoint now);
  void follow_attachment(Record& record);
  void decide(const UserKey& user, SessionId id, const ConnectionId& connection);
  void take_over(Record& own, const UserKey& user, SessionId temporary, const ConnectionId& connection);
  void start_shell(const UserKey& user, SessionId id, const ConnectionId& connection);
  void turn_away(SessionId id, const ConnectionId& connection);
  void resolve_claims(SessionId id);
  bool has_claimed(const UserKey& user, SessionId id) const;
  /// Sessions that the user may have; 0: any number.
  std::uint32_t per_user(const UserKey& user) const;
  bool may_start_new(const UserKey& user) const;
  void offer(const UserKey& user, SessionId id, const ConnectionId& connection, Notice notice);
  void choose_new(const UserKey& user, SessionId id, const ConnectionId& connection);
  void chosen_is_gone(const UserKey& user, SessionId id, const ConnectionId& connection);
  bool waits_with_hope(std::size_t position) const;

  BrokerLimits limits_;
  Shortage shortage_;
  SessionTable table_;
  Connections connections_;
  std::deque<ConnectionId> waiting_;           // in the order in which they came
  std::map<UserKey, std::uint32_t> per_user_;  // where it is not limits_.per_user
  std::map<UserKey, Claim> claims_;
  Debts tries_{kMostTries, kTriesPerSecond};
  Debts network_debts_, all_debts_;   // of sessions; all under the name ""
  std::optional<TimePoint> turn_at_;  // somebody who waits may have a session then, not before
  std::set<ConnectionId> used_;
  std::deque<ConnectionId> used_order_;
  std::vector<Action> actions_;
  std::optional<Closed> closed_;

  TimePoint updated_{};
  bool spawn_there_ = false;
  bool console_host_ = false;  // as far as tsspawn has said: its number is taken until it has ended
  bool settled_ = false;
  std::optional<TimePoint> settle_at_;
  unsigned failures_ = 0;
  std::optional<TimePoint> retry_at_;   // nothing is started before
  std::optional<TimePoint> refill_at_;  // no idle session is started before
  std::string short_of_;                // what Shortage said last; empty: of nothing
  std::optional<TimePoint> look_at_;    // then it is asked again
};

}  // namespace ts::session
