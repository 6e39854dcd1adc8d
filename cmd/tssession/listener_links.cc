#include "cmd/tssession/listener_links.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "lib/base/log.h"
#include "ts_listener_varlink.h"

namespace ts::tssession {
namespace {

using nlohmann::json;

constexpr std::chrono::seconds kPatience{3};  // for a listener that hangs

template <typename T>
std::optional<T> optional_field(const json& row, const char* name) {
  auto found = row.find(name);
  if (found == row.end() || found->is_null()) return std::nullopt;
  return found->get<T>();
}

ListenerConnection connection_of(const json& row) {
  ListenerConnection out;
  out.id = row.at("id");
  out.peer_address = row.at("peer_address");
  out.since = row.at("since");
  out.security = optional_field<std::string>(row, "security");
  out.cipher = optional_field<std::string>(row, "cipher");
  out.received = optional_field<std::int64_t>(row, "received_bytes");
  out.sent = optional_field<std::int64_t>(row, "sent_bytes");
  out.round_trip_us = optional_field<std::int64_t>(row, "round_trip_us");
  return out;
}

void add_totals(std::optional<ListenerTotals>& sum, const json& totals) {
  auto uptime = totals.at("uptime_seconds").get<std::int64_t>();
  if (!sum) sum = ListenerTotals{.uptime = uptime};
  sum->uptime = std::min(sum->uptime, uptime);
  sum->accepted += totals.at("accepted").get<std::int64_t>();
  sum->refused += totals.at("refused").get<std::int64_t>();
  sum->received += totals.at("received_bytes").get<std::int64_t>();
  sum->sent += totals.at("sent_bytes").get<std::int64_t>();
}

}  // namespace

void ListenerLinks::add(Key key, UniqueFd socket) {
  auto client = std::make_unique<varlink::AsyncClient>(loop_, std::move(socket),
                                                       [this, key](const std::string&) { remove(key); });
  if (auto expected = client->expect(varlink::k_ts_listener); !expected)
    return log::error("The interface ts.Listener is broken: {}", expected.error().message);
  links_[key] = std::move(client);
}

void ListenerLinks::remove(Key key) {
  auto entry = links_.extract(key);
  std::vector<std::uint64_t> numbers;
  for (const auto& [number, asking] : askings_) numbers.push_back(number);
  for (auto number : numbers) answered(key, number);
}

void ListenerLinks::ask(OnStatus on_status) {
  if (!askings_.empty()) return next_.push_back(std::move(on_status));
  std::vector<OnStatus> one;
  one.push_back(std::move(on_status));
  start(std::move(one));
}

void ListenerLinks::start(std::vector<OnStatus> on_status) {
  auto number = ++last_number_;
  auto& asking = askings_[number];
  asking.on_status = std::move(on_status);
  for (auto& [key, client] : links_) {
    auto called = client->call(
        "ts.Listener.Status", json::object(), varlink::AsyncClient::Mode::kMore,
        [this, key = key, number](const varlink::Reply& reply) { on_reply(key, number, reply); });
    if (called) asking.waiting.insert(key);
  }
  if (asking.waiting.empty()) return finish(number);
  asking.late = std::make_unique<net::Timer>(loop_, [this, number] { finish(number); });
  asking.late->start(kPatience);
}

void ListenerLinks::on_reply(Key key, std::uint64_t number, const varlink::Reply& reply) {
  auto found = askings_.find(number);
  if (found == askings_.end()) return;
  auto& status = found->second.status;
  if (reply.ok()) {
    for (const auto& row : reply.parameters->at("connections"))
      status.connections.push_back(connection_of(row));
    if (!reply.continues) add_totals(status.totals, reply.parameters->at("totals"));
  }
  if (!reply.continues) answered(key, number);
}

void ListenerLinks::answered(Key key, std::uint64_t number) {
  auto found = askings_.find(number);
  if (found == askings_.end()) return;
  auto& waiting = found->second.waiting;
  if (waiting.erase(key) > 0 && waiting.empty()) finish(number);
}

void ListenerLinks::finish(std::uint64_t number) {
  auto entry = askings_.extract(number);
  if (entry.empty()) return;
  for (const auto& on_status : entry.mapped().on_status) on_status(entry.mapped().status);
  if (askings_.empty() && !next_.empty()) start(std::exchange(next_, {}));
}

}  // namespace ts::tssession
