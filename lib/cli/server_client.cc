#include "lib/cli/server_client.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "lib/cli/session_client.h"
#include "ts_server_varlink.h"

namespace ts::cli {
namespace {

using nlohmann::json;
constexpr std::chrono::seconds kQuickCall{10};

/// A word has hyphens on a command line, and none as a name in an interface.
std::string with(std::string text, char from, char to) {
  std::replace(text.begin(), text.end(), from, to);
  return text;
}

}  // namespace

Result<ServerClient> ServerClient::connect(const Context& context) {
  TS_TRY_ASSIGN(auto client, dial_session_manager(context));
  TS_TRY(client.expect(varlink::k_ts_server));
  return ServerClient(std::move(client));
}

Result<ServerClient::Drain> ServerClient::drain() {
  TS_TRY_ASSIGN(auto reply, client_.call("ts.Server.GetDrain", json::object(), kQuickCall));
  if (!reply.ok()) return pass(reply.as_error());
  Drain drain{with(reply.parameters->at("drain").at("mode"), '_', '-'), std::nullopt};
  if (const auto& time = reply.parameters->at("shutdown"); !time.is_null()) drain.shutdown = time;
  return drain;
}

Result<> ServerClient::set_drain(const std::string& mode) {
  json parameters{{"drain", {{"mode", with(mode, '-', '_')}}}};
  TS_TRY_ASSIGN(auto reply, client_.call("ts.Server.SetDrain", parameters, kQuickCall));
  if (!reply.ok()) return pass(reply.as_error());
  return {};
}

Result<std::vector<std::string>> ServerClient::listening() {
  TS_TRY_ASSIGN(auto reply, client_.call("ts.Server.Metrics", json::object(), kQuickCall));
  if (!reply.ok()) return pass(reply.as_error());
  return reply.parameters->at("addresses").get<std::vector<std::string>>();
}

Result<ServerClient::End> ServerClient::shut_down(int delay_seconds) {
  TS_TRY_ASSIGN(auto reply, client_.call("ts.Server.Shutdown", json{{"delay", delay_seconds}}, kQuickCall));
  if (!reply.ok()) return pass(reply.as_error());
  return End{reply.parameters->at("time"), reply.parameters->at("stops")};
}

Result<> ServerClient::cancel_shutdown() {
  TS_TRY_ASSIGN(auto reply, client_.call("ts.Server.CancelShutdown", json::object(), kQuickCall));
  if (!reply.ok()) return pass(reply.as_error());
  return {};
}

}  // namespace ts::cli
