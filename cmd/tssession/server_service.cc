#include "cmd/tssession/server_service.h"

#include <nlohmann/json.hpp>

#include "cmd/tssession/logon_service.h"
#include "cmd/tssession/session_rows.h"
#include "lib/os/peer.h"
#include "lib/session/connection_text.h"
#include "lib/session/stack_messages.h"

namespace ts::tssession {
namespace {

using nlohmann::json;
using session::Record;
using session::State;

constexpr std::size_t kPerReply = 256;  // connections

constexpr std::array kStates{State::kInit,   State::kIdle, State::kConn,
                             State::kActive, State::kDisc, State::kDown};
/// By LogonStatus.
constexpr std::array kLogonResults{"success", "bad_credentials", "account_refused", "failed"};

template <typename T>
json or_null(const std::optional<T>& value) {
  return value ? json(*value) : json(nullptr);
}

json count(std::string_view label, std::uint64_t value) {
  return {{"label", label}, {"value", value}};
}

json connection_row(const ListenerConnection& connection, const Record* record) {
  bool logged_on = record != nullptr && record->logged_on();
  return {{"id", connection.id},
          {"peer_address", connection.peer_address},
          {"session_id", record == nullptr ? json(nullptr) : json(record->id())},
          {"user", logged_on ? record->state.user.str() : ""},
          {"security", or_null(connection.security)},
          {"cipher", or_null(connection.cipher)},
          {"received_bytes", or_null(connection.received)},
          {"sent_bytes", or_null(connection.sent)},
          {"round_trip_us", or_null(connection.round_trip_us)},
          {"since", connection.since}};
}

/// One whose listener has been restarted since: its session is all that knows of it.
json orphan_row(const Record& record) {
  return {{"id", session::connection_text(record.state.connection)},
          {"peer_address", record.state.client.address.str()},
          {"session_id", record.id()},
          {"user", record.logged_on() ? record.state.user.str() : ""},
          {"since", time_text(record.state.connect_time)}};
}

std::vector<json> connection_rows(const session::SessionTable& table, const ListenersStatus& status) {
  std::map<std::string, const Record*> attached;
  for (const auto& [id, record] : table.records())
    if (record.state.attached != 0) attached[session::connection_text(record.state.connection)] = &record;
  std::vector<json> rows;
  for (const auto& connection : status.connections) {
    auto entry = attached.extract(connection.id);
    rows.push_back(connection_row(connection, entry.empty() ? nullptr : entry.mapped()));
  }
  for (const auto& [id, record] : attached) rows.push_back(orphan_row(*record));
  return rows;
}

json listener_json(const ListenersStatus& status) {
  if (!status.totals) return nullptr;
  const auto& totals = *status.totals;
  return {{"uptime_seconds", totals.uptime}, {"accepted", totals.accepted},
          {"refused", totals.refused},       {"received_bytes", totals.received},
          {"sent_bytes", totals.sent},       {"connections", status.connections.size()}};
}

}  // namespace

void Counters::note(const session::HostState* before, const session::HostState& now) {
  if (before == nullptr || now.logons == before->logons || now.logon == 0 || now.logon > logons.size())
    return;
  ++logons[now.logon - 1];
}

ServerService::ServerService(const session::SessionTable& table, ListenerLinks& listeners,
                             const Counters& counters, Pool pool, Handlers handlers)
    : table_(table),
      listeners_(listeners),
      counters_(counters),
      pool_(pool),
      handlers_(std::move(handlers)) {}

varlink::Service::Handlers ServerService::handlers() {
  return {{"Connections", [this](const CallPtr& call) { handle_connections(call); }},
          {"Metrics", [this](const CallPtr& call) { handle_metrics(call); }}};
}

void ServerService::handle_connections(const CallPtr& call) {
  if (refuse_stack(call)) return;
  if (!os::is_administrator(call->peer())) {
    (void)call->error("NotPermitted",
                      {{"message", "connections are for root and members of the group tsadmin to see"}});
    return;
  }
  listeners_.ask([this, call](const ListenersStatus& status) { tell_connections(call, status); });
}

void ServerService::handle_metrics(const CallPtr& call) {
  if (refuse_stack(call)) return;
  listeners_.ask([this, call](const ListenersStatus& status) { tell_metrics(call, status); });
}

void ServerService::tell_connections(const CallPtr& call, const ListenersStatus& status) const {
  if (!call->open()) return;
  json addresses = handlers_.listening();
  json page = json::array();
  for (auto& row : connection_rows(table_, status)) {
    if (page.size() == kPerReply && call->more()) {
      if (!call->reply_continues({{"addresses", addresses}, {"connections", page}})) return;
      page = json::array();
    }
    page.push_back(std::move(row));
  }
  (void)call->reply({{"addresses", addresses}, {"connections", page}});
}

void ServerService::tell_metrics(const CallPtr& call, const ListenersStatus& status) const {
  if (!call->open()) return;
  json sessions = json::array(), logons = json::array();
  for (State state : kStates)
    sessions.push_back(count(session::state_name(state),
                             table_.count_if([&](const Record& one) { return one.state.state == state; })));
  for (std::size_t i = 0; i < kLogonResults.size(); ++i)
    logons.push_back(count(kLogonResults[i], counters_.logons[i]));
  auto uptime = std::chrono::duration_cast<std::chrono::seconds>(net::Clock::now() - began_);
  (void)call->reply({{"uptime_seconds", uptime.count()},
                     {"spawner", handlers_.spawner()},
                     {"addresses", handlers_.listening()},
                     {"sessions", sessions},
                     {"idle_ready", table_.count_if([](const Record& one) { return one.idle(); })},
                     {"idle_wanted", pool_.idle_wanted},
                     {"sessions_max", pool_.max},
                     {"logons", logons},
                     {"connections_refused", counters_.connections_refused},
                     {"listener", listener_json(status)}});
}

}  // namespace ts::tssession
