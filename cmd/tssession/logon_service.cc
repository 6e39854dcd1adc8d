#include "cmd/tssession/logon_service.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "lib/base/log.h"
#include "lib/net/sockets.h"
#include "lib/session/connection_text.h"
#include "ts_logon_varlink.h"

namespace ts::tssession {
namespace {

using nlohmann::json;
using varlink::Call;
using varlink::Connection;

std::uint16_t number16(const json& value) {
  return static_cast<std::uint16_t>(std::clamp<std::int64_t>(value.get<std::int64_t>(), 0, 0xffff));
}

/// Nothing: the client has no cookie. kMalformed: what it has was not said as it has to be.
Result<std::optional<session::ReconnectWish>> wish_of(const json& parameters) {
  auto said = parameters.find("reconnect");
  if (said == parameters.end() || said->is_null()) return std::nullopt;
  auto proof = session::proof_from(said->at("proof").get_ref<const std::string&>());
  if (!proof) return fail(ErrorCode::kMalformed, "'proof' is not 64 hexadecimal digits");
  session::ReconnectWish wish;
  // A number that no session has is asked about as any other: the same answer, and the same price.
  wish.session = static_cast<session::SessionId>(
      std::clamp<std::int64_t>(said->at("session_id").get<std::int64_t>(), 0, 0xffffffff));
  wish.proof = *proof;
  return wish;
}

const LogonConnection* logon_data(const Connection& connection) {
  return std::any_cast<LogonConnection>(&connection.data);
}

}  // namespace

bool is_introduced(const Connection& connection) {
  const auto* data = logon_data(connection);
  return data != nullptr && data->role == LogonConnection::Role::kIntroduced;
}

bool refuse_stack(const std::shared_ptr<Call>& call) {
  static log::Limited log;  // one for all interfaces
  auto connection = call->connection();
  if (!is_introduced(*connection)) return false;
  log.warning("Ending the connection of a stack that called more than ts.Logon.Connect pid={} client={}",
              connection->caller(), logon_data(*connection)->client_address);
  (void)call->error("NotPermitted", {{"message", "this connection may only ask for its session"}});
  connection->close();
  return true;
}

Result<> LogonService::add_to(varlink::Service& service) {
  return service.add_interface(varlink::k_ts_logon,
                               {{"Listen", [this](CallPtr call) { handle_listen(call); }},
                                {"Introduce", [this](CallPtr call) { handle_introduce(call); }},
                                {"Connect", [this](CallPtr call) { handle_connect(call); }}});
}

void LogonService::deny(const CallPtr& call, std::string_view message) {
  log_.warning("Refused a call of ts.Logon: {} pid={} uid={}", message, call->peer().pid, call->peer().uid);
  (void)call->error("NotPermitted", {{"message", message}});
  // Nothing of ours does this over a stack's connection: somebody else speaks there.
  if (auto connection = call->connection(); connection && is_introduced(*connection)) connection->close();
}

/// Only the listener's account may, and on a connection that has no other use yet.
bool LogonService::from_listener(const CallPtr& call) {
  if (!trusted_.contains(call->peer().uid))
    deny(call, "only the listener may call this");
  else if (call->connection()->data.has_value())
    deny(call, "this connection has another use already");
  else
    return true;
  return false;
}

void LogonService::handle_listen(const CallPtr& call) {
  if (!from_listener(call)) return;
  auto connection = call->connection();
  connection->data = LogonConnection{};
  listeners_[connection.get()] = call->parameters().at("addresses").get<std::vector<std::string>>();
  // Over this it is asked how it is doing: it serves ts.Listener there and nowhere else.
  auto ends = net::socket_pair(net::SocketKind::kStream);
  if (!ends) {
    log::warning("A listener cannot be asked for its connections: {}", ends.error().message);
    (void)call->reply();
    return handlers_.on_listener(connection.get(), {});
  }
  (void)call->reply(json::object(), std::move(ends->first));
  handlers_.on_listener(connection.get(), std::move(ends->second));
}

void LogonService::handle_introduce(const CallPtr& call) {
  if (!from_listener(call)) return;
  auto id = session::connection_from(call->parameters().at("connection").get_ref<const std::string&>());
  if (!id) return deny(call, "'connection' is not 32 hexadecimal digits");
  if (auto introduced = handlers_.on_introduce(*id); !introduced)
    return deny(call, introduced.error().message);
  call->connection()->data = LogonConnection{LogonConnection::Role::kIntroduced, *id,
                                             call->parameters().at("client_address").get<std::string>()};
  (void)call->reply();
}

void LogonService::handle_connect(const CallPtr& call) {
  auto connection = call->connection();
  if (!is_introduced(*connection)) return deny(call, "this connection has not been introduced");
  if (!call->more()) return deny(call, "Connect is called with 'more'");
  auto wish = wish_of(call->parameters());
  if (!wish) return deny(call, wish.error().message);
  const auto* data = logon_data(*connection);
  const json& said = call->parameters().at("client");
  session::ClientInfo client;
  client.name.assign(said.at("name").get_ref<const std::string&>());
  client.address.assign(data->client_address);
  client.width = number16(said.at("width"));
  client.height = number16(said.at("height"));
  client.depth = number16(said.at("depth"));
  client.scale_percent = number16(said.at("scale"));
  client.keyboard_layout = static_cast<std::uint32_t>(
      std::clamp<std::int64_t>(said.at("keyboard").get<std::int64_t>(), 0, 0xffffffff));
  auto id = data->id;
  calls_[id] = call;
  if (auto connected = handlers_.on_connect(id, client, *wish); !connected) {
    calls_.erase(id);
    deny(call, connected.error().message);
  }
}

bool LogonService::waits(const session::ConnectionId& connection) const {
  auto found = calls_.find(connection);
  return found != calls_.end() && found->second->open();
}

pid_t LogonService::stack_of(const session::ConnectionId& connection) const {
  auto found = calls_.find(connection);
  auto caller = found != calls_.end() ? found->second->connection() : nullptr;
  return caller ? caller->caller() : 0;
}

Result<> LogonService::attach(const session::AttachAction& action, UniqueFd stack_end) {
  auto found = calls_.find(action.connection);
  if (found == calls_.end()) return fail(ErrorCode::kUnavailable, "the connection is gone");
  json reply = {{"session_id", action.session}, {"logged_on", action.logged_on}};
  // Never the last answer: the client may be given another session.
  return found->second->reply_continues(reply, std::move(stack_end));
}

void LogonService::refuse(const session::RefuseAction& action) {
  auto found = calls_.find(action.connection);
  if (found == calls_.end()) return;
  auto call = found->second;
  calls_.erase(found);
  log_.warning("Refused a connection: {}", action.message);
  (void)call->error("Refused",
                    {{"reason", static_cast<std::uint32_t>(action.reason)}, {"message", action.message}});
}

void LogonService::connection_closed(Connection& connection) {
  if (listeners_.erase(&connection) > 0) handlers_.on_listener_gone(&connection);
  if (!is_introduced(connection)) return;
  auto id = logon_data(connection)->id;
  calls_.erase(id);
  handlers_.on_gone(id);
}

std::vector<std::string> LogonService::listening() const {
  std::vector<std::string> out;
  for (const auto& [connection, addresses] : listeners_)
    out.insert(out.end(), addresses.begin(), addresses.end());
  return out;
}

}  // namespace ts::tssession
