// What the broker wants done: the actions of Manager, carried out over its sockets.
#include <cerrno>

#include "cmd/tssession/manager.h"
#include "lib/base/log.h"

namespace ts::tssession {

using namespace session;

void Manager::tell_host(SessionId id, const Result<>& sent) {
  if (!sent) log::warning("A message to the host of session {} was lost: {}", id, sent.error().message);
}

void Manager::carry_out(const StartHostAction& action) {
  spawn_.start_host(action.session);
}

void Manager::carry_out(const EndHostAction& action) {
  spawn_.end_host(action.session);
}

void Manager::carry_out(const StartShellAction& action) {
  log::info("Logging on in session {}", action.session);
  StartShell message;
  message.connection = action.connection;
  tell_host(action.session, hosts_.send(action.session, message));
}

void Manager::carry_out(const EndSessionAction& action) {
  if (action.at_once) {
    ResetSession message;
    message.reason = action.reason;
    return tell_host(action.session, hosts_.send(action.session, message));
  }
  EndSession message;
  message.reason = action.reason;
  tell_host(action.session, hosts_.send(action.session, message));
}

Result<> Manager::attach(const AttachAction& action) {
  TS_TRY_ASSIGN(auto ends, net::socket_pair(net::SocketKind::kPacket));
  AttachStack message;
  message.logged_on = action.logged_on ? 1 : 0;
  message.automatic = action.automatic ? 1 : 0;
  message.stack = logon_.stack_of(action.connection);
  message.connection = action.connection;
  message.client = action.client;
  std::vector<UniqueFd> fds;
  fds.push_back(std::move(ends.first));
  if (auto sent = hosts_.send(action.session, message, std::move(fds)); !sent) {
    // Without its connection, too: a session that is not known, and whose host does not know that, would be
    // nobody's to see or to end.
    hosts_.lose(action.session);
    broker_.host_gone(action.session, net::Clock::now());
    return sent;
  }
  if (auto told = logon_.attach(action, std::move(ends.second)); !told) {
    broker_.connection_gone(action.connection, net::Clock::now());
    return told;
  }
  return {};
}

void Manager::carry_out(const AttachAction& action) {
  Result<> done;
  if (logon_.waits(action.connection)) {
    done = attach(action);
  } else {
    // Nobody is taken away from a session for a connection that is gone itself.
    broker_.connection_gone(action.connection, net::Clock::now());
    done = fail(ErrorCode::kUnavailable, "the connection is gone");
  }
  if (done) {
    if (action.automatic)
      log::info("A client has reconnected automatically client={} session={}",
                log::escaped(action.client.address.view()), action.session);
    else if (action.logged_on && !action.moved_from)
      log::info("A user is back in session {}", action.session);
    chronicle_.moved(action);
    for (const auto& left : {action.moved_from, action.temporary}) {
      if (!left) continue;
      StackMoved message;
      message.connection = action.connection;
      tell_host(*left, hosts_.send(*left, message));
    }
    return broker_.attached(action);
  }
  log::warning("A connection could not be brought to session {}: {}", action.session, done.error().message);
  const int number = done.error().error_number;
  if (number == EMFILE || number == ENFILE || number == ENOBUFS || number == ENOMEM)
    return broker_.attach_impossible(action, done.error().message, net::Clock::now());
  broker_.attach_failed(action, net::Clock::now());
}

void Manager::carry_out(const VerifyReconnectAction& action) {
  VerifyReconnect message;
  message.connection = action.connection;
  message.proof = action.proof;
  message.address = action.client.address;
  // Of a host that is gone or does not read the broker hears, or its time is up.
  tell_host(action.session, hosts_.send(action.session, message));
}

void Manager::carry_out(const ReconnectFailedAction& action) {
  reconnect_log_.warning("Refused an automatic reconnection client={} session={}: {}",
                         log::escaped(action.client.address.view()), action.session,
                         log::escaped(action.message));
  chronicle_.reconnect_failed(action);
}

void Manager::carry_out(const RefuseAction& action) {
  ++counters_.connections_refused;
  chronicle_.refused(action);
  logon_.refuse(action);
}

void Manager::carry_out(const DenyShellAction& action) {
  log::warning("Refused a logon client={} session={}: {}", log::escaped(action.client.address.view()),
               action.session, action.message);
  chronicle_.refused(
      {action.connection, EndReason::kServerDenied, action.message, action.client, action.limit});
  DenyShell message;
  message.notice = action.notice;
  message.connection = action.connection;
  message.message.assign(action.message);
  tell_host(action.session, hosts_.send(action.session, message));
}

void Manager::carry_out(const OfferAction& action) {
  log::debug("A user is asked which session they want session={} sessions={} new={}", action.session,
             action.choice.count, action.choice.may_start_new != 0 ? "yes" : "no");
  OfferSessions message;
  message.connection = action.connection;
  message.choice = action.choice;
  tell_host(action.session, hosts_.send(action.session, message));
}

void Manager::carry_out(const ShortageAction& action) {
  if (action.message.empty())
    log::info("Sessions are started again");
  else
    log::warning("No session is started for now: {}", action.message);
}
void Manager::carry_out(const StartFailedAction& action) {
  if (!was_ready_) {
    handlers_.on_failed({ErrorCode::kRefused,
                         fmt::format("session {} could not be started: {}", action.session, action.message)});
    return;
  }
  log::error("Session {} could not be started, trying again in {} s: {}", action.session,
             std::chrono::ceil<std::chrono::seconds>(action.pause).count(), action.message);
}

}  // namespace ts::tssession
