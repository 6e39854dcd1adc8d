// What happened to sessions, as events (ts-events(7)), found by comparing what hosts announce with what they
// announced before; and what tssession itself knows of: refusals and sessions that moved to their user's own.
// Decides nothing, keeps its own copies, does no I/O.
//
// What is first heard of a host is where it stands, not a transition: after a restart of ours, nothing is
// told twice, and what happened meanwhile is not told.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>

#include "lib/base/log_limit.h"
#include "lib/events/event.h"
#include "lib/session/broker.h"

namespace ts::tssession {

class Chronicle {
 public:
  struct Sink {
    std::function<void(const events::Event&)> write;
    std::function<void(events::Event, log::Limited&)> write_limited;
  };
  explicit Chronicle(Sink sink) : sink_(std::move(sink)) {}

  void host_announced(const session::HostState& state);
  /// Its connection to us is gone: it has ended, of which tsspawn knows more, or it will be back.
  void host_gone(session::SessionId id);
  void host_ended(session::SessionId id, int wait_status);
  /// Its hosts end on their own, and nobody is left to say how.
  void spawn_lost();
  void logon_failed(session::SessionId id, const session::LogonFailed& message);
  void reconnect_failed(const session::ReconnectFailedAction& action);
  /// The connection is with its user's own session now: the one where it logged on goes without a word; or it
  /// was given another session.
  void moved(const session::AttachAction& action);
  void refused(const session::RefuseAction& action);

 private:
  struct Known {
    session::HostState state;
    bool temporary = false;                      // its connection has moved
    std::optional<session::ConnectionId> moved;  // which shows another session now
    bool gone = false;                           // not connected to us, tsspawn has not said why
    bool orphan = false;                         // its tsspawn is no more
  };
  using Sessions = std::map<session::SessionId, Known>;

  void compare(const Known& known, const session::HostState& now);
  void disconnected(const session::HostState& state, std::string_view reason);
  Sessions::iterator ended(Sessions::iterator entry, const std::string& reason);

  Sink sink_;
  Sessions sessions_;
  log::Limited refusals_{50, std::chrono::seconds(10)}, reconnects_{50, std::chrono::seconds(10)};
  std::map<std::string, log::Limited> limits_;
};

}  // namespace ts::tssession
