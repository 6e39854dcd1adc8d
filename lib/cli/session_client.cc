#include "lib/cli/session_client.h"

#include <strings.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "lib/base/log.h"
#include "lib/config/defaults.h"
#include "ts_session_varlink.h"

namespace ts::cli {
namespace {

using nlohmann::json;
constexpr std::chrono::seconds kQuickCall{10};
constexpr std::chrono::seconds kDisconnectTime{20};
constexpr std::chrono::seconds kMessageTime{30};  // for a box to come up
constexpr std::chrono::hours kForEver{24 * 365};
constexpr std::chrono::seconds kResetTime{30};  // a host that hangs is ended by its parent

Layout served_layout(const Context& context) {
  const Layout& own = context.config.layout;
  Layout system = config::system_layout();
  bool chosen = own.runtime != config::defaults().layout.runtime;
  bool go_to_system = !chosen && ::access(own.session_socket().c_str(), F_OK) != 0 &&
                      ::access(system.session_socket().c_str(), F_OK) == 0;
  return go_to_system ? system : own;
}

/// The interface definition has been checked, so fields that it demands are there with their types.
template <typename T>
std::optional<T> optional_field(const json& row, const char* name) {
  auto found = row.find(name);
  if (found == row.end() || found->is_null()) return std::nullopt;
  return found->get<T>();
}

std::optional<ClientRow> client_of(const json& row) {
  auto found = row.find("client");
  if (found == row.end() || found->is_null()) return std::nullopt;
  return ClientRow{found->at("name"), found->at("address"), found->at("width"), found->at("height"),
                   found->at("depth")};
}

std::optional<LimitsRow> limits_of(const json& row) {
  auto found = row.find("limits");
  if (found == row.end() || found->is_null()) return std::nullopt;
  return LimitsRow{optional_field<std::int64_t>(*found, "memory_bytes"),
                   optional_field<std::int64_t>(*found, "cpu_weight"),
                   optional_field<std::int64_t>(*found, "tasks"),
                   found->at("not_in_force").get<std::vector<std::string>>()};
}

SessionRow row_of(const json& row) {
  SessionRow out;
  out.id = row.at("id");
  out.name = row.at("name");
  out.user = row.at("user");
  out.domain = row.at("domain");
  out.state = row.at("state");
  out.client = client_of(row);
  out.type = row.at("type");
  out.device = row.at("device");
  out.uid = optional_field<std::int64_t>(row, "uid");
  out.display = optional_field<std::int64_t>(row, "display");
  out.pid = optional_field<std::int64_t>(row, "pid");
  out.program = row.at("program");
  out.connect_time = optional_field<std::string>(row, "connect_time");
  out.logon_time = optional_field<std::string>(row, "logon_time");
  out.disconnect_time = optional_field<std::string>(row, "disconnect_time");
  out.addresses = row.at("addresses").get<std::vector<std::string>>();
  out.limits = limits_of(row);
  return out;
}

/// The service's refusals in the words of a command line.
Error refusal(const varlink::Reply& reply, session::SessionId id) {
  auto name = reply.error_name();
  if (name == "NoSuchSession") {
    return {ErrorCode::kNotFound, fmt::format("no session {}; see 'tsquery session'", id)};
  }
  if (name == "NotConnected")
    return {ErrorCode::kRefused, fmt::format("no client is connected to session {}", id)};
  return reply.as_error();
}

}  // namespace

Result<varlink::Client> dial_session_manager(const Context& context) {
  auto socket = served_layout(context).session_socket();
  auto client = varlink::Client::connect(socket);
  if (!client && client.error().code == ErrorCode::kUnavailable) {
    return fail(
        ErrorCode::kUnavailable,
        "no terminal service answers at '{}'; start one with 'tsctl up', or name its folder with --runtime",
        socket.string());
  }
  if (!client) return pass(client.error());
  TS_TRY(client->expect(varlink::k_ts_session));
  return client;
}

Result<SessionClient> SessionClient::connect(const Context& context) {
  TS_TRY_ASSIGN(auto client, dial_session_manager(context));
  return SessionClient(std::move(client));
}

Result<std::vector<SessionRow>> SessionClient::list() {
  TS_TRY_ASSIGN(auto reply, client_.call("ts.Session.List", json::object(), kQuickCall));
  if (!reply.ok()) return pass(reply.as_error());
  std::vector<SessionRow> rows;
  for (const auto& row : reply.parameters->at("sessions")) rows.push_back(row_of(row));
  return rows;
}

Result<> SessionClient::watch() {
  return client_.start("ts.Session.Watch", json::object(), kQuickCall);
}

Result<std::optional<std::vector<SessionChange>>> SessionClient::next_changes() {
  auto reply = client_.next_reply();
  if (!reply && reply.error().code == ErrorCode::kUnavailable)
    return fail(ErrorCode::kUnavailable,
                "the session manager has gone, or is being restarted: what changes now is not heard of here; "
                "begin anew when 'tsquery session' answers");
  if (!reply) return pass(reply.error());
  if (!*reply) return std::optional<std::vector<SessionChange>>();
  if (!(*reply)->ok()) return pass((*reply)->as_error());
  std::vector<SessionChange> changes;
  for (const auto& change : (*reply)->parameters->at("changes"))
    changes.push_back({change.at("kind"), row_of(change.at("session"))});
  return changes;
}

Result<> SessionClient::act(const char* method, session::SessionId id, std::chrono::milliseconds timeout) {
  TS_TRY_ASSIGN(auto reply, client_.call(method, json{{"id", id}}, timeout));
  if (!reply.ok()) return pass(refusal(reply, id));
  return {};
}

Result<> SessionClient::disconnect(session::SessionId id) {
  return act("ts.Session.Disconnect", id, kDisconnectTime);
}

Result<> SessionClient::logoff(session::SessionId id, std::chrono::milliseconds timeout) {
  return act("ts.Session.Logoff", id, timeout);
}

Result<> SessionClient::reset(session::SessionId id) {
  return act("ts.Session.Reset", id, kResetTime);
}

Result<> SessionClient::show(session::SessionId id, session::SessionId to) {
  TS_TRY_ASSIGN(auto reply,
                client_.call("ts.Session.Connect", json{{"id", id}, {"to", to}}, kDisconnectTime));
  if (reply.ok()) return {};
  auto named = reply.parameters->value("id", std::int64_t{id});
  return pass(refusal(reply, static_cast<session::SessionId>(named)));
}

Result<PictureFile> SessionClient::screenshot(session::SessionId id) {
  TS_TRY_ASSIGN(auto reply, client_.call("ts.Session.Screenshot", json{{"id", id}}, kDisconnectTime));
  if (!reply.ok()) return pass(refusal(reply, id));
  if (reply.fds.size() != 1)
    return fail(ErrorCode::kMalformed, "{} descriptors came with a picture", reply.fds.size());
  const json& said = *reply.parameters;
  return PictureFile{std::move(reply.fds[0]), said.at("width"), said.at("height"), said.at("offset"),
                     said.at("stride")};
}

Result<std::optional<std::string>> SessionClient::message(session::SessionId id,
                                                          const MessageRequest& request) {
  json parameters{{"id", id},
                  {"title", request.title},
                  {"text", request.text},
                  {"buttons", request.buttons},
                  {"seconds", request.seconds},
                  {"wait", request.wait}};
  std::chrono::milliseconds patience = kMessageTime;
  if (request.wait)
    patience = request.seconds > 0 ? patience + std::chrono::seconds(request.seconds) : kForEver;
  TS_TRY_ASSIGN(auto reply, client_.call("ts.Session.Message", parameters, patience));
  if (!reply.ok()) return pass(refusal(reply, id));
  if (reply.parameters->at("timed_out").get<bool>())
    return fail(ErrorCode::kTimedOut, "nobody has answered in session {} within {} seconds", id,
                request.seconds);
  return optional_field<std::string>(*reply.parameters, "reply");
}

Result<std::int64_t> SessionClient::kill(const KillRequest& request) {
  json parameters{{"signal", request.signal}};
  if (request.pid) parameters["pid"] = *request.pid;
  if (request.name) parameters["name"] = *request.name;
  if (request.session) parameters["id"] = *request.session;
  TS_TRY_ASSIGN(auto reply, client_.call("ts.Session.Kill", parameters, kQuickCall));
  if (!reply.ok()) return pass(refusal(reply, request.session.value_or(0)));
  return reply.parameters->at("processes").get<std::int64_t>();
}

std::optional<session::SessionId> session_id_in(const std::string& text) {
  session::SessionId id = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return id;
}

bool same_name(const std::string& a, const std::string& b) {
  return ::strcasecmp(a.c_str(), b.c_str()) == 0;
}

std::optional<session::SessionId> own_session() {
  const char* id = std::getenv("TS_SESSION_ID");
  return id ? session_id_in(id) : std::nullopt;
}

Result<SessionRow> find_session(const std::vector<SessionRow>& sessions, const std::string& named) {
  auto id = session_id_in(named);
  auto found = std::find_if(sessions.begin(), sessions.end(), [&](const SessionRow& row) {
    return id ? row.id == *id : !row.name.empty() && same_name(row.name, named);
  });
  if (found != sessions.end()) return *found;
  bool user = std::ranges::any_of(
      sessions, [&](const SessionRow& row) { return !row.user.empty() && row.user == named; });
  if (user)
    return fail(ErrorCode::kNotFound, "'{0}' is no session but a user; 'tsquery session {0}' lists theirs",
                log::escaped(named));
  return fail(ErrorCode::kNotFound, "no session {}; see 'tsquery session'", id ? named : "'" + named + "'");
}

Result<> check_no_listener(session::SessionId id) {
  if (id != session::kListenerSession) return {};
  return fail(ErrorCode::kNotFound, "{} is the listener and no session; see 'tsquery session'", id);
}

Result<session::SessionId> chosen_session(SessionClient& client, const std::string& named, const char* how) {
  if (auto id = session_id_in(named)) {
    TS_TRY(check_no_listener(*id));
    return *id;
  }
  if (named.empty()) {
    if (auto own = own_session()) return *own;
    return fail(ErrorCode::kUsage, "which session? This shell is in none (TS_SESSION_ID is not set): name {}",
                how);
  }
  TS_TRY_ASSIGN(auto sessions, client.list());
  TS_TRY_ASSIGN(auto session, find_session(sessions, named));
  TS_TRY(check_no_listener(session.id));
  return session.id;
}

}  // namespace ts::cli
