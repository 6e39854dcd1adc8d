#include "lib/varlink/service.h"

#include <nlohmann/json.hpp>
#include <optional>

#include "lib/base/log.h"
#include "org_varlink_service_varlink.h"

namespace ts::varlink {
namespace {

using nlohmann::json;

constexpr std::string_view kOwnName = "org.varlink.service.";

/// What an error of org.varlink.service says: its name and its one parameter.
struct Standard {
  std::string_view error, parameter;
  std::string value;
};

void refuse(Connection& connection, Call::Mode mode, const Standard& standard) {
  if (mode == Call::Mode::kOneway) return connection.finish_call();
  json frame = {{"error", fmt::format("{}{}", kOwnName, standard.error)},
                {"parameters", {{standard.parameter, standard.value}}}};
  (void)connection.send(frame_bytes(frame), {}, true);
}

/// The members of a call beside `parameters`: {"method": "...", "more": true}. Anything else is not Varlink.
Result<Call::Mode> check_envelope(const json& request) {
  bool flags[3] = {};
  for (const auto& [key, value] : request.items()) {
    if (key == "method" && value.is_string()) continue;
    if (key == "parameters" && (value.is_object() || value.is_null())) continue;
    if (value.is_boolean() && (key == "more" || key == "oneway" || key == "upgrade")) {
      flags[key == "more" ? 0 : key == "oneway" ? 1 : 2] = value.get<bool>();
      continue;
    }
    return fail(ErrorCode::kMalformed, "'{}' is not part of a call", log::escaped(key, 40));
  }
  if (!request.contains("method")) return fail(ErrorCode::kMalformed, "a call without a method");
  if (flags[2]) return fail(ErrorCode::kMalformed, "an upgrade of the connection was asked for");
  if (flags[0] && flags[1]) return fail(ErrorCode::kMalformed, "'more' and 'oneway' exclude each other");
  return flags[0] ? Call::Mode::kMore : flags[1] ? Call::Mode::kOneway : Call::Mode::kOnce;
}

}  // namespace

Service::Service(net::Loop& loop, ServiceInfo info, ServiceLimits limits)
    : loop_(loop), info_(std::move(info)), limits_(std::move(limits)) {
  add_own_interface();
}

Service::~Service() {
  on_closed_ = nullptr;
  acceptors_.clear();
  // Calls that are kept elsewhere find their connection closed from here on.
  for (auto connections = std::move(connections_); auto& [key, connection] : connections) connection->end("");
}

void Service::add_own_interface() {
  auto added = add_interface(k_org_varlink_service,
                             {{"GetInfo",
                               [this](std::shared_ptr<Call> call) {
                                 json names = json::array();
                                 for (const auto& [name, registered] : interfaces_) names.push_back(name);
                                 (void)call->reply({{"vendor", info_.vendor},
                                                    {"product", info_.product},
                                                    {"version", info_.version},
                                                    {"url", info_.url},
                                                    {"interfaces", names}});
                               }},
                              {"GetInterfaceDescription", [this](std::shared_ptr<Call> call) {
                                 auto name = call->parameters().at("interface").get<std::string>();
                                 auto found = interfaces_.find(name);
                                 if (found == interfaces_.end())
                                   (void)call->error("InterfaceNotFound", {{"interface", name}});
                                 else
                                   (void)call->reply({{"description", found->second.interface.text()}});
                               }}});
  if (!added) log::error("The interface org.varlink.service is broken: {}", added.error().message);
}

Result<> Service::add_interface(std::string_view definition, Handlers handlers) {
  TS_TRY_ASSIGN(auto interface, Interface::parse(definition));
  for (const auto& [name, handler] : handlers)
    if (interface.find_method(name) == nullptr)
      return fail(ErrorCode::kInternal, "'{}' has no method '{}'", interface.name(), name);
  std::string name = interface.name();
  if (!interfaces_.emplace(name, Registered{std::move(interface), std::move(handlers)}).second)
    return fail(ErrorCode::kInternal, "'{}' is served already", name);
  return {};
}

void Service::listen(UniqueFd listening) {
  acceptors_.push_back(std::make_unique<net::Acceptor>(loop_, std::move(listening),
                                                       [this](UniqueFd fd) { accept(std::move(fd)); }));
}

bool Service::admit(const os::Peer& peer) {
  if (limits_.trusted_uids.contains(peer.uid)) return true;
  std::size_t all = 0;
  for (const auto& [uid, count] : strangers_) all += count;
  if (all >= limits_.connections || strangers_[peer.uid] >= limits_.connections_per_uid) return false;
  ++strangers_[peer.uid];
  return true;
}

void Service::accept(UniqueFd fd) {
  auto peer = os::peer_of(fd.get());
  if (!peer) return log::warning("Refused a caller that cannot be known: {}", peer.error().message);
  if (!admit(*peer)) return complain(*peer, "too many connections at once");
  if (auto asked = net::ask_for_senders(fd.get()); !asked) log::debug("{}", asked.error().message);
  auto connection = std::make_shared<Connection>(*peer, limits_.frames);
  connections_.emplace(connection.get(), connection);
  connection->start(
      loop_, std::move(fd), limits_.reply_bytes,
      {.on_frame = [this](Connection& from, const std::string& frame) { handle_frame(from, frame); },
       .on_end = [this](Connection& from, const std::string& reason) { handle_end(from, reason); }});
}

void Service::handle_frame(Connection& connection, const std::string& frame) {
  auto request = parse_object(frame, limits_.frames);
  if (!request) return connection.end(request.error().message);
  route(connection.shared_from_this(), *request);
}

void Service::route(const std::shared_ptr<Connection>& connection, json& request) {
  auto mode = check_envelope(request);
  if (!mode) return connection->end(mode.error().message);
  const auto& full_name = request["method"].get_ref<const std::string&>();
  auto dot = full_name.rfind('.');
  std::string interface_name = full_name.substr(0, dot == std::string::npos ? 0 : dot);
  auto found = interfaces_.find(interface_name);
  if (found == interfaces_.end())
    return refuse(*connection, *mode, {"InterfaceNotFound", "interface", interface_name});
  const auto& [interface, handlers] = found->second;
  const Method* method = interface.find_method(std::string_view(full_name).substr(dot + 1));
  if (method == nullptr) return refuse(*connection, *mode, {"MethodNotFound", "method", full_name});
  json parameters = json::object();
  if (auto given = request.find("parameters"); given != request.end() && given->is_object())
    parameters = std::move(*given);
  if (auto fits = interface.check(method->parameters, parameters); !fits)
    return refuse(*connection, *mode, {"InvalidParameter", "parameter", Interface::field_of(fits.error())});
  auto handler = handlers.find(method->name);
  if (handler == handlers.end())
    return refuse(*connection, *mode, {"MethodNotImplemented", "method", full_name});
  handler->second(std::make_shared<Call>(connection, interface, *method, std::move(parameters), *mode));
}

void Service::handle_end(Connection& connection, const std::string& reason) {
  auto entry = connections_.extract(&connection);
  if (entry.empty()) return;
  if (!reason.empty()) complain(connection.peer(), reason);
  if (auto stranger = strangers_.find(connection.peer().uid);
      stranger != strangers_.end() && --stranger->second == 0)
    strangers_.erase(stranger);
  if (auto callback = on_closed_) callback(connection);
}

void Service::complain(const os::Peer& peer, std::string_view what) {
  complaints_.warning("Ended a caller's connection: {} pid={} uid={}", what, peer.pid, peer.uid);
}

}  // namespace ts::varlink
