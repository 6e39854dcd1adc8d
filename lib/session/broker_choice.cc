// The part of Broker that is about users with several sessions: who is asked which one they want, and what
// comes of their choice. It is looked at again whenever it comes: sessions end and begin while a list is up.
#include "lib/session/broker.h"
#include "lib/session/session_choice.h"

namespace ts::session {

bool Broker::has_claimed(const UserKey& user, SessionId id) const {
  auto claim = claims_.find(user);
  return claim != claims_.end() && claim->second.sessions.contains(id);
}

std::uint32_t Broker::per_user(const UserKey& user) const {
  auto own = per_user_.find(user);
  return own == per_user_.end() ? limits_.per_user : own->second;
}

bool Broker::may_start_new(const UserKey& user) const {
  if (closed_) return false;
  auto claim = claims_.find(user);
  std::size_t starting = claim != claims_.end() ? claim->second.sessions.size() : 0;
  auto most = per_user(user);
  return most == 0 || table_.of_user(user).size() + starting < most;
}

/// The person in front of session `id` is asked; `notice`: why what they chose before cannot be.
void Broker::offer(const UserKey& user, SessionId id, const ConnectionId& connection, Notice notice) {
  // The manager was restarted in between: the way to this connection's stack is lost, and no choice but a new
  // session could be had. The client tries again.
  if (!connections_.contains(connection)) return end_session(id, EndReason::kServerDenied);
  act(OfferAction{id, connection, make_choice(table_.of_user(user), may_start_new(user), notice)});
}

void Broker::chosen(SessionId id, const SessionChosen& message, TimePoint now) {
  const Record* record = table_.find(id);
  if (record == nullptr || record->ending || record->logged_on()) return;
  const UserKey user{message.uid};
  if (message.chosen == LogonChosen::kNewSession) {
    choose_new(user, id, message.connection);
  } else {
    Record* own = table_.find(message.chosen);
    if (own != nullptr && own->belongs_to(user))
      take_over(*own, user, id, message.connection);
    else
      chosen_is_gone(user, id, message.connection);
  }
  update(now);
}

void Broker::choose_new(const UserKey& user, SessionId id, const ConnectionId& connection) {
  if (has_claimed(user, id) || may_start_new(user)) return start_shell(user, id, connection);
  if (!table_.of_user(user).empty())
    return offer(user, id, connection, closed_ ? Notice::kDraining : Notice::kTooManySessions);
  if (closed_) return turn_away(id, connection);
  // All that this user may have are just being started.
  act(DenyShellAction{id, connection, Notice::kTooManySessions,
                      fmt::format("the user has {} sessions already (per_user)", per_user(user)),
                      table_.find(id)->state.client, "sessions.per_user"});
}

/// Also where it ended in the very moment in which its user was brought there.
void Broker::chosen_is_gone(const UserKey& user, SessionId id, const ConnectionId& connection) {
  if (table_.of_user(user).empty() && !may_start_new(user)) return decide(user, id, connection);
  offer(user, id, connection, Notice::kSessionGone);
}

}  // namespace ts::session
