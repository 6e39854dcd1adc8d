// tsquery server: the listener's addresses and each client's connection. tsquery metrics: the service in
// figures.
#include <cstdio>
#include <nlohmann/json.hpp>

#include "cmd/tsquery/commands.h"
#include "cmd/tsquery/server_view.h"
#include "lib/cli/server_client.h"
#include "lib/cli/session_client.h"
#include "lib/cli/text.h"
#include "ts_server_varlink.h"

namespace ts::tsquery {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr std::chrono::seconds kCallTime{10};

Result<varlink::Client> dial(const cli::Context& context) {
  TS_TRY_ASSIGN(auto client, cli::dial_session_manager(context));
  TS_TRY(client.expect(varlink::k_ts_server));
  return client;
}

ordered_json connection_json(const json& row) {
  auto field = [&](const char* name) {
    auto found = row.find(name);
    return found == row.end() ? ordered_json(nullptr) : ordered_json(*found);
  };
  ordered_json out;
  for (const char* name : {"id", "peer_address", "session_id", "user", "security", "cipher", "received_bytes",
                           "sent_bytes", "round_trip_us", "since"})
    out[name] = field(name);
  return out;
}

void print(const std::vector<std::string>& addresses, const std::vector<json>& connections,
           const cli::ServerClient::Drain& drain, bool as_json) {
  if (as_json) {
    auto rows = ordered_json::array();
    for (const auto& row : connections) rows.push_back(connection_json(row));
    fmt::print("{}\n", cli::json_line({{"listeners", addresses},
                                       {"drain", drain.mode},
                                       {"shutdown", drain.shutdown ? json(*drain.shutdown) : json(nullptr)},
                                       {"connections", rows}}));
    return;
  }
  for (const auto& address : addresses) fmt::print("Listening on {}\n", cli::printable(address));
  if (addresses.empty()) fmt::print("No listener is there: nobody can connect\n");
  if (drain.shutdown)
    fmt::print("All sessions end at {}, new logons are refused (tsctl shutdown)\n",
               cli::printable(*drain.shutdown));
  else if (drain.mode != "off")
    fmt::print("New logons are refused (tsctl drain {})\n", drain.mode);
  fmt::print("{}", connection_table(connections));
}

Result<> query_server(const cli::Context& context, bool as_json) {
  TS_TRY_ASSIGN(auto client, dial(context));
  std::vector<std::string> addresses;
  std::vector<json> connections;
  TS_TRY(client.call_more("ts.Server.Connections", json::object(), kCallTime,
                          [&](const varlink::Reply& reply) -> Result<> {
                            if (!reply.ok()) return pass(reply.as_error());
                            addresses = reply.parameters->at("addresses").get<std::vector<std::string>>();
                            for (const auto& row : reply.parameters->at("connections"))
                              connections.push_back(row);
                            return {};
                          }));
  TS_TRY_ASSIGN(auto server, cli::ServerClient::connect(context));
  TS_TRY_ASSIGN(auto drain, server.drain());
  print(addresses, connections, drain, as_json);
  return {};
}

Result<> query_metrics(const cli::Context& context) {
  auto client = dial(context);
  if (!client) {
    // A monitoring system is told that, too.
    if (client.error().code == ErrorCode::kUnavailable) fmt::print("{}", metrics_without_manager());
    return pass(client.error());
  }
  TS_TRY_ASSIGN(auto reply, client->call("ts.Server.Metrics", json::object(), kCallTime));
  if (!reply.ok()) return pass(reply.as_error());
  fmt::print("{}", metrics_text(*reply.parameters));
  return {};
}

int exit_with(const Result<>& done) {
  return done ? cli::kDone : cli::report("tsquery", done.error());
}

}  // namespace

cli::Command server_command() {
  static bool as_json = false;
  cli::Command command{.name = "server",
                       .summary = "Show the listener and its connections (administrators)."};
  command.options = {
      {"--json", "", "one JSON object: {\"listeners\": [...], \"connections\": [...]}", &as_json}};
  command.run = [](const cli::Context& context) -> int { return exit_with(query_server(context, as_json)); };
  return command;
}

cli::Command metrics_command() {
  cli::Command command{.name = "metrics", .summary = "Print figures in Prometheus' text format."};
  command.run = [](const cli::Context& context) -> int { return exit_with(query_metrics(context)); };
  return command;
}

}  // namespace ts::tsquery
