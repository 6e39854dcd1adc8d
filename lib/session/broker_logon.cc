// The part of Broker that is about connections: from introduction to the session that they stay with.
#include <algorithm>

#include "lib/session/broker.h"
#include "lib/session/logon_throttle.h"

namespace ts::session {
namespace {

constexpr std::size_t kRememberedIds = 4096;  // of connections, to notice one that comes twice
constexpr std::chrono::seconds kUnseen{
    5};  // from a connection's going until its host must have said something

}  // namespace

Result<> Broker::introduce(const ConnectionId& connection) {
  if (!used_.insert(connection).second)
    return fail(ErrorCode::kRefused, "this connection id was used before");
  used_order_.push_back(connection);
  if (used_order_.size() > kRememberedIds) {
    used_.erase(used_order_.front());
    used_order_.pop_front();
  }
  connections_[connection] = {};
  return {};
}

Result<> Broker::connect(const ConnectionId& connection, const ClientInfo& client, TimePoint now,
                         const std::optional<ReconnectWish>& wish) {
  auto found = connections_.find(connection);
  if (found == connections_.end())
    return fail(ErrorCode::kNotPermitted, "this connection has not been introduced");
  if (!std::holds_alternative<Introduced>(found->second.stage))
    return fail(ErrorCode::kNotPermitted, "this connection has asked for a session before");
  found->second.client = client;
  found->second.network = source_of(client.address.view());
  found->second.since = now;
  if (wish) {
    found->second.stage = Proving{*wish, now + wish->delay};
    prove(found, now);
  } else {
    let_wait(found, now);
  }
  update(now);
  return {};
}

/// For an idle session, in which somebody is to log on.
void Broker::let_wait(Connections::iterator connection, TimePoint now) {
  const ClientInfo& client = connection->second.client;
  auto refuse = [&](EndReason reason, const std::string& why, const char* limit) {
    act(RefuseAction{connection->first, reason, why, client, limit});
    connections_.erase(connection);
  };
  if (closed_ && closed_->to_all) return refuse(closed_->reason, closed_->message, "");
  auto too_many = [&](std::uint32_t there, const char* from) {
    refuse(EndReason::kServerDenied,
           fmt::format("{} connections{} are logging on already (sessions.max_logon)", there, from),
           "sessions.max_logon");
  };
  const std::string& network = connection->second.network;
  if (logging_on_from(network) >= limits_.logon_share() && !make_room(network, true, now))
    return too_many(limits_.logon_share(), " from its address");
  if (logging_on() >= limits_.max_logon && !make_room(network, false, now))
    return too_many(limits_.max_logon, "");
  tries_.add(network, now);
  connection->second.stage = Waiting{now};
  waiting_.push_back(connection->first);
}

void Broker::connection_gone(const ConnectionId& connection, TimePoint now) {
  auto found = connections_.find(connection);
  if (found == connections_.end()) return;
  std::erase(waiting_, connection);
  if (const auto* mapped = std::get_if<Mapped>(&found->second.stage)) {
    // The host finds its session socket closed and says so; only if it never knew of the connection it says
    // nothing.
    Record* record = table_.find(mapped->session);
    if (record != nullptr && record->taken_by == connection && !record->taken_seen)
      record->release_at = now + kUnseen;
  }
  connections_.erase(found);
  for (auto& [user, claim] : claims_)
    std::erase_if(claim.waiting, [&](const auto& waiting) { return waiting.second == connection; });
  update(now);
}

std::optional<ClientInfo> Broker::client_of(const ConnectionId& connection) const {
  auto found = connections_.find(connection);
  return found != connections_.end() ? std::optional(found->second.client) : std::nullopt;
}

bool Broker::assign_waiting(TimePoint now) {
  bool any = false;
  while (!waiting_.empty()) {
    Record* record = table_.find_idle();
    if (record == nullptr) break;
    auto next = next_waiting(now);
    if (!next) break;
    ConnectionId connection = waiting_[*next];
    waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(*next));
    Connected& connected = connections_.at(connection);
    note_given(connected.network, now);
    connected.stage = Mapped{record->id()};
    record->taken_by = connection;
    record->taken_seen = false;
    record->used = true;
    act(AttachAction{record->id(), connection, connected.client});
    any = true;
  }
  return any;
}

/// Sessions that start or are about to end leave hope; so does room for more, whatever keeps them from
/// starting.
bool Broker::waits_with_hope(std::size_t position) const {
  auto coming = table_.count_if([](const Record& record) {
    return record.starting() || (!record.is_console() &&
                                 (record.ending || record.returning || record.state.state == State::kDown));
  });
  std::size_t room = limits_.max > table_.count() && !look_at_ ? limits_.max - table_.count() : 0;
  return position < coming + room;
}

void Broker::refuse_hopeless() {
  while (!waiting_.empty() && !waits_with_hope(waiting_.size() - 1)) {
    RefuseAction refusal{waiting_.back(), EndReason::kServerDenied,
                         fmt::format("all {} sessions are in use (sessions.max)", limits_.max),
                         connections_.at(waiting_.back()).client, "sessions.max"};
    if (look_at_) {
      refusal.reason = EndReason::kOutOfMemory;
      refusal.message = short_of_;
      refusal.limit = "sessions.min_memory";
    }
    act(std::move(refusal));
    connections_.erase(waiting_.back());
    waiting_.pop_back();
  }
}

void Broker::authenticated(SessionId id, const Authenticated& message, TimePoint now) {
  const Record* record = table_.find(id);
  if (record == nullptr || record->ending || record->logged_on()) return;
  note_authenticated(message.connection);
  const UserKey user{message.uid};
  per_user_.erase(user);
  if (message.per_user != Authenticated::kNotSaid && message.per_user != limits_.per_user)
    per_user_[user] = message.per_user;
  // Whoever was to get their desktop there before is not getting it.
  for (const auto& [other, claim] : claims_)
    if (other != user && claim.sessions.contains(id)) {
      resolve_claims(id);
      break;
    }
  decide(user, id, message.connection);
  update(now);
}

/// Where an authenticated user goes: to the session that they have or choose, to one that is being started
/// for them, or nowhere: the shell starts where they are.
void Broker::decide(const UserKey& user, SessionId id, const ConnectionId& connection) {
  const auto own = table_.of_user(user);
  if (per_user(user) == 1 && own.size() == 1)
    return take_over(*table_.find(own.front()->id()), user, id, connection);
  if (has_claimed(user, id)) return start_shell(user, id, connection);  // asked again: it was lost
  if (!own.empty()) return offer(user, id, connection, Notice::kNone);
  if (may_start_new(user)) return start_shell(user, id, connection);
  auto claim = claims_.find(user);
  if (claim == claims_.end()) return turn_away(id, connection);
  auto& others = claim->second.waiting;
  bool known =
      std::any_of(others.begin(), others.end(), [&](const auto& other) { return other.first == id; });
  if (!known) others.emplace_back(id, connection);
}

/// Somebody without a session while none is begun: back to the logon screen, unless all have to go.
void Broker::turn_away(SessionId id, const ConnectionId& connection) {
  auto found = connections_.find(connection);
  const Record* record = table_.find(id);
  ClientInfo client = record != nullptr ? record->state.client : ClientInfo();
  if (!closed_->to_all)
    return act(DenyShellAction{id, connection, Notice::kDraining, closed_->message, client});
  if (found != connections_.end()) {
    act(RefuseAction{connection, closed_->reason, closed_->message, client, ""});
    connections_.erase(found);
  }
  end_session(id, closed_->reason);
}

void Broker::start_shell(const UserKey& user, SessionId id, const ConnectionId& connection) {
  claims_[user].sessions.insert(id);
  if (auto found = connections_.find(connection); found != connections_.end())
    found->second.stage = Mapped{id, true};
  act(StartShellAction{id, connection});
}

void Broker::shell_failed(SessionId id, const ConnectionId& connection) {
  if (auto found = connections_.find(connection); found != connections_.end())
    found->second.stage = Mapped{id};
  resolve_claims(id);
}

void Broker::take_over(Record& own, const UserKey& user, SessionId temporary,
                       const ConnectionId& connection) {
  auto found = connections_.find(connection);
  if (found == connections_.end()) {
    // The manager was restarted in between, and the way to this connection's stack is lost: the client tries
    // again.
    return end_session(temporary, EndReason::kServerDenied);
  }
  found->second.stage = Mapped{own.id(), true};
  own.taken_by = connection;
  own.taken_seen = false;
  act(AttachAction{own.id(), connection, found->second.client, true, temporary, user});
}

Result<ConnectionId> Broker::move_client(SessionId from, SessionId to) {
  const Record* source = table_.find(from);
  Record* target = table_.find(to);
  if (source == nullptr || target == nullptr || target->ending || source->state.attached == 0)
    return fail(ErrorCode::kRefused, "session {} or session {} is ending", from, to);
  auto found = connections_.find(source->state.connection);
  if (found == connections_.end()) {
    return fail(ErrorCode::kUnavailable,
                "the client of session {} came before the session manager was restarted and cannot be "
                "reached; let it connect again first",
                from);
  }
  found->second.stage = Mapped{to, true};
  target->taken_by = found->first;
  target->taken_seen = false;
  AttachAction action{to, found->first, source->state.client, true};
  action.moved_from = from;
  act(action);
  return found->first;
}

void Broker::attached(const AttachAction& done) {
  // The stack has moved. Its temporary session's host, who is told, knows whether it can be another's.
  if (!done.temporary) return;
  if (Record* record = table_.find(*done.temporary)) record->returning = true;
}

/// The stack or the host was gone when the two were to be brought together.
void Broker::attach_failed(const AttachAction& failed, TimePoint now) {
  if (Record* record = table_.find(failed.session);
      record != nullptr && record->taken_by == failed.connection) {
    record->taken_by.reset();
    follow_attachment(*record);
  }
  auto found = connections_.find(failed.connection);
  if (found != connections_.end() && failed.moved_from) {
    found->second.stage = Mapped{*failed.moved_from, true};
  } else if (found != connections_.end() && failed.temporary) {
    found->second.stage = Mapped{*failed.temporary};
    if (table_.find(*failed.temporary) == nullptr) return update(now);
    per_user(failed.user) == 1 ? decide(failed.user, *failed.temporary, failed.connection)
                               : chosen_is_gone(failed.user, *failed.temporary, failed.connection);
  } else if (found != connections_.end()) {
    found->second.stage = Waiting{now};
    waiting_.push_front(failed.connection);
  }
  update(now);
}

void Broker::attach_impossible(const AttachAction& failed, const std::string& why, TimePoint now) {
  auto found = connections_.find(failed.connection);
  if (found == connections_.end() || failed.moved_from) return attach_failed(failed, now);
  act(RefuseAction{failed.connection, EndReason::kOutOfMemory, why, found->second.client, ""});
  connections_.erase(found);
  if (failed.temporary) end_session(*failed.temporary, EndReason::kOutOfMemory);
  attach_failed(failed, now);
}

/// A session that is being started is logged on, or gone: those who waited for it go on. (It is claimed
/// once.)
void Broker::resolve_claims(SessionId id) {
  for (auto claim = claims_.begin(); claim != claims_.end(); ++claim) {
    if (claim->second.sessions.erase(id) == 0) continue;
    UserKey user = claim->first;
    auto waiting = std::exchange(claim->second.waiting, {});
    if (claim->second.sessions.empty()) claims_.erase(claim);
    for (const auto& [session, connection] : waiting)
      if (const Record* record = table_.find(session); record != nullptr && !record->ending)
        decide(user, session, connection);
    return;
  }
}

}  // namespace ts::session
