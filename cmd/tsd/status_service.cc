#include "cmd/tsd/status_service.h"

#include <ctime>
#include <nlohmann/json.hpp>

#include "generated/ts_listener_varlink.h"
#include "lib/base/log.h"
#include "lib/session/connection_text.h"

namespace ts::tsd {
namespace {

using nlohmann::json;

constexpr std::size_t kPerReply = 256;  // connections; a reply has to stay far below the limit of a frame

varlink::ServiceLimits limits() {
  varlink::ServiceLimits limits;
  limits.reply_bytes = 64 * 1024 * 1024;  // tssession reads; listener.max_connections bounds what there is
  return limits;
}

std::string time_text(WallTime when) {
  std::time_t seconds = std::chrono::system_clock::to_time_t(when);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  char text[32];
  return std::string(text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts));
}

json text_or_null(const std::string& text) {
  return text.empty() ? json(nullptr) : json(text);
}

json connection_json(const ConnectionStatus& connection) {
  json out = {{"id", session::connection_text(connection.id)},
              {"peer_address", connection.peer_address},
              {"since", time_text(connection.since)},
              {"security", text_or_null(connection.security)},
              {"cipher", text_or_null(connection.cipher)}};
  if (connection.tcp) {
    out["received_bytes"] = connection.tcp->received;
    out["sent_bytes"] = connection.tcp->sent;
    out["round_trip_us"] = connection.tcp->round_trip.count();
  }
  return out;
}

}  // namespace

StatusService::StatusService(net::Loop& loop, std::function<ListenerStatus()> status)
    : status_(std::move(status)),
      service_(loop, {"Terminal Services for Linux", "tsd", TS_VERSION, ""}, limits()) {
  auto added = service_.add_interface(
      varlink::k_ts_listener,
      {{"Status", [this](const std::shared_ptr<varlink::Call>& call) { handle_status(call); }}});
  if (!added) log::error("The interface ts.Listener is broken: {}", added.error().message);
}

void StatusService::serve(UniqueFd connected) {
  service_.serve(std::move(connected));
}

void StatusService::handle_status(const std::shared_ptr<varlink::Call>& call) {
  auto status = status_();
  json totals = {{"uptime_seconds", status.uptime.count()},
                 {"accepted", status.accepted},
                 {"refused", status.refused},
                 {"received_bytes", status.received},
                 {"sent_bytes", status.sent}};
  json connections = json::array();
  for (const auto& connection : status.connections) {
    if (connections.size() == kPerReply && call->more()) {
      if (!call->reply_continues({{"totals", totals}, {"connections", connections}})) return;
      connections = json::array();
    }
    connections.push_back(connection_json(connection));
  }
  (void)call->reply({{"totals", totals}, {"connections", connections}});
}

}  // namespace ts::tsd
