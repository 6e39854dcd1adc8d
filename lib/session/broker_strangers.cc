// The part of Broker that is about connections that have not logged on when there are many: which of them
// gives its place at a logon screen to another, and which has a session first (strangers.h). Who has given a
// right password is no stranger.
#include <algorithm>

#include "lib/session/broker.h"

namespace ts::session {
namespace {

constexpr std::chrono::seconds kPatience{10};  // with who types nothing, while others want its place

}  // namespace

bool Broker::is_logging_on(const Connected& connection) const {
  if (std::holds_alternative<Waiting>(connection.stage)) return true;
  const auto* mapped = std::get_if<Mapped>(&connection.stage);
  if (mapped == nullptr || mapped->logged_on) return false;
  // A session that has ended keeps nobody: a client that does not leave is its stack's affair.
  const Record* record = table_.find(mapped->session);
  return record != nullptr && record->state.state != State::kDown && !record->ending;
}

std::size_t Broker::logging_on() const {
  return static_cast<std::size_t>(
      std::count_if(connections_.begin(), connections_.end(),
                    [this](const auto& entry) { return is_logging_on(entry.second); }));
}

std::size_t Broker::logging_on_from(std::string_view network) const {
  return static_cast<std::size_t>(std::count_if(
      connections_.begin(), connections_.end(),
      [&](const auto& entry) { return entry.second.network == network && is_logging_on(entry.second); }));
}

/// Ends a connection that is logging on in favour of one from `network`; false: that one does not deserve it.
bool Broker::make_room(const std::string& network, bool own, TimePoint now) {
  std::vector<Stranger> strangers;
  std::vector<Connections::iterator> connections;
  for (auto at = connections_.begin(); at != connections_.end(); ++at) {
    const Connected& connected = at->second;
    if (connected.authenticated || !is_logging_on(connected) || (own && connected.network != network))
      continue;
    const auto* mapped = std::get_if<Mapped>(&connected.stage);
    const Record* record = mapped != nullptr ? table_.find(mapped->session) : nullptr;
    const bool typed = record != nullptr && record->state.attached != 0 && record->state.touched != 0;
    strangers.push_back({connected.network, typed ? 1U : 0U, connected.since});
    connections.push_back(at);
  }
  auto goes = who_gives_way(strangers, network, tries_, kPatience, now);
  if (!goes) return false;
  auto connection = connections[*goes];
  const auto* mapped = std::get_if<Mapped>(&connection->second.stage);
  const auto session = mapped != nullptr ? std::optional(mapped->session) : std::nullopt;
  act(RefuseAction{connection->first, EndReason::kServerDenied,
                   "its place was given to another that wants to log on (sessions.max_logon)",
                   connection->second.client, "sessions.max_logon"});
  std::erase(waiting_, connection->first);
  connections_.erase(connection);
  if (session) end_session(*session, EndReason::kServerDenied);
  return true;
}

/// Who of those that wait is the next to have a session; sets when to ask again if nobody may have one yet.
std::optional<std::size_t> Broker::next_waiting(TimePoint now) {
  turn_at_.reset();
  std::vector<Stranger> waiting;
  for (const auto& id : waiting_) {
    const Connected& connected = connections_.at(id);
    waiting.push_back({connected.network, 0, connected.since});
  }
  auto again = all_debts_.next("", now);
  auto turn = again > now ? std::nullopt : whose_turn(waiting, network_debts_, now, again);
  if (!turn && !waiting.empty()) turn_at_ = again;
  return turn;
}

void Broker::note_given(const std::string& network, TimePoint now) {
  network_debts_.add(network, now);
  all_debts_.add("", now);
}

/// It led to a logon.
void Broker::note_authenticated(const ConnectionId& connection) {
  auto found = connections_.find(connection);
  if (found == connections_.end() || std::exchange(found->second.authenticated, true)) return;
  tries_.forgive(found->second.network);
  network_debts_.forgive(found->second.network);
  all_debts_.forgive("");
}

}  // namespace ts::session
