// The part of Broker that is about clients that come back by themselves after a lost connection: no idle
// session is taken for them and nobody is asked for a password if the session's host says that their proof is
// good (lib/session/reconnect_cookie.h). All others go on to an idle session, as if they had not tried. A
// wish that has to wait counts among nobody's limits but the listener's: of many clients whose network is
// back none is sent away.
#include "lib/session/broker.h"

namespace ts::session {

/// If it is time: whether the host has to be asked, which alone knows the cookie.
void Broker::prove(Connections::iterator connection, TimePoint now) {
  auto& proving = std::get<Proving>(connection->second.stage);
  if (now < proving.next) return;
  const SessionId id = proving.wish.session;
  const Record* own = table_.find(id);
  if (!limits_.auto_reconnect)
    return fail_reconnect(connection, "it is switched off (sessions.auto_reconnect)", now);
  if (own == nullptr || own->ending || !own->logged_on())
    return fail_reconnect(connection, fmt::format("nobody is logged on to session {}", id), now);
  if (proving.asked) return fail_reconnect(connection, "the session's host did not answer in time", now);
  proving.asked = true;
  proving.next = now + limits_.verify_wait;
  act(VerifyReconnectAction{id, connection->first, proving.wish.proof, connection->second.client});
}

void Broker::prove_due(TimePoint now) {
  for (auto connection = connections_.begin(); connection != connections_.end();) {
    auto here = connection++;
    if (std::holds_alternative<Proving>(here->second.stage)) prove(here, now);
  }
}

bool Broker::reconnect_verified(SessionId id, const ReconnectVerified& message, TimePoint now) {
  auto found = connections_.find(message.connection);
  if (found == connections_.end()) return false;
  const auto* proving = std::get_if<Proving>(&found->second.stage);
  if (proving == nullptr || !proving->asked || proving->wish.session != id) return false;
  Record* own = table_.find(id);
  const bool good = message.good != 0 && own != nullptr && !own->ending && own->logged_on();
  if (good) {
    found->second.stage = Mapped{id, true};
    own->taken_by = found->first;
    own->taken_seen = false;
    AttachAction action{id, found->first, found->second.client, true};
    action.automatic = true;
    act(std::move(action));
  } else {
    fail_reconnect(found, message.good != 0 ? "the session is ending" : message.message.str(), now);
  }
  update(now);
  return good;
}

/// Its session is gone: nobody answers.
void Broker::stop_proving(SessionId id, TimePoint now) {
  for (auto connection = connections_.begin(); connection != connections_.end();) {
    auto here = connection++;
    const auto* proving = std::get_if<Proving>(&here->second.stage);
    if (proving != nullptr && proving->asked && proving->wish.session == id)
      fail_reconnect(here, "the session has ended", now);
  }
}

void Broker::fail_reconnect(Connections::iterator connection, std::string why, TimePoint now) {
  ReconnectFailedAction action;
  action.session = std::get<Proving>(connection->second.stage).wish.session;
  action.client = connection->second.client;
  if (const Record* record = table_.find(action.session)) action.user = record->state.user.str();
  action.message = std::move(why);
  act(std::move(action));
  let_wait(connection, now);
}

}  // namespace ts::session
