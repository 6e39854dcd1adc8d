#include "cmd/tssession/session_rows.h"

#include <ctime>
#include <nlohmann/json.hpp>

#include "lib/session/access.h"

namespace ts::tssession {

using nlohmann::json;
using session::Record;

namespace {

json client_row(const session::HostState& state) {
  if (state.attached == 0) return nullptr;
  return {{"name", state.client.name.str()},
          {"address", state.client.address.str()},
          {"width", state.client.width},
          {"height", state.client.height},
          {"depth", state.client.depth}};
}

json amount(std::uint64_t value) {
  return value == 0 ? json(nullptr) : json(value);
}

json limits_row(const session::HostState& state) {
  if (state.uid == session::kNoUid) return nullptr;
  const auto& resources = state.resources;
  json not_in_force = json::array();
  for (auto resource : session::kResources)
    if (resources.of(resource) != 0 && !resources.is_in_force(resource))
      not_in_force.push_back(session::resource_name(resource));
  return {{"memory_bytes", amount(resources.memory)},
          {"cpu_weight", amount(resources.cpu_weight)},
          {"tasks", amount(resources.tasks)},
          {"not_in_force", std::move(not_in_force)}};
}

}  // namespace

json time_text(std::int64_t unix_seconds) {
  std::time_t seconds = unix_seconds;
  std::tm parts{};
  if (unix_seconds <= 0 || ::gmtime_r(&seconds, &parts) == nullptr) return nullptr;
  char text[32];
  return std::string(text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts));
}

json session_row(const Record& record) {
  const auto& state = record.state;
  json none = nullptr;
  bool attached = state.attached != 0;
  return {{"id", record.id()},
          {"name", session::session_name(record)},
          {"user", state.user.str()},
          {"domain", state.domain.str()},
          {"state", session::state_name(state.state)},
          {"client", client_row(state)},
          {"type", session::session_type(record)},
          {"device", ""},
          {"uid", state.uid == session::kNoUid ? none : json(state.uid)},
          {"display", state.display < 0 ? none : json(state.display)},
          {"pid", state.pid <= 0 ? none : json(state.pid)},
          {"program", state.program.str()},
          {"connect_time", attached ? time_text(state.connect_time) : none},
          {"logon_time", time_text(state.logon_time)},
          {"disconnect_time", attached ? none : time_text(state.disconnect_time)},
          {"addresses", json::array()},
          {"limits", limits_row(state)}};
}

json listener_row(const std::vector<std::string>& addresses) {
  return {{"id", session::kListenerSession},
          {"name", "rdp-tcp"},
          {"user", ""},
          {"domain", ""},
          {"state", "Listen"},
          {"client", nullptr},
          {"type", "rdpwd"},
          {"device", ""},
          {"uid", nullptr},
          {"display", nullptr},
          {"pid", nullptr},
          {"program", ""},
          {"connect_time", nullptr},
          {"logon_time", nullptr},
          {"disconnect_time", nullptr},
          {"addresses", addresses},
          {"limits", nullptr}};
}

}  // namespace ts::tssession
