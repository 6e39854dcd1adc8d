#include "lib/events/event.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <ctime>
#include <nlohmann/json.hpp>

namespace ts::events {
namespace {

using nlohmann::ordered_json;

struct TextField {
  std::string_view name;
  std::string Event::*member;
};
constexpr TextField kTexts[] = {{"user", &Event::user},
                                {"domain", &Event::domain},
                                {"client", &Event::client},
                                {"address", &Event::address},
                                {"replaced_client", &Event::replaced_client},
                                {"replaced_address", &Event::replaced_address},
                                {"reason", &Event::reason},
                                {"limit", &Event::limit},
                                {"daemon", &Event::daemon},
                                {"mode", &Event::mode},
                                {"ends", &Event::ends}};

ordered_json value_of(const Event& event, std::string_view field) {
  if (field == "session") return event.session ? ordered_json(*event.session) : ordered_json(nullptr);
  if (field == "skipped") return event.skipped;
  const auto* found = std::find_if(std::begin(kTexts), std::end(kTexts),
                                   [&](const auto& text) { return text.name == field; });
  assert(found != std::end(kTexts) && "a field of the schema that no event has");
  return (event.*found->member).substr(0, kMaxText);
}

/// ASCII only: no byte of anybody's name steers a terminal or ends a line.
std::string dump(const ordered_json& object) {
  return object.dump(-1, ' ', true, ordered_json::error_handler_t::replace);
}

bool is_time(std::string_view text) {
  constexpr std::string_view kForm = "dddd-dd-ddTdd:dd:dd.ddddddZ";
  return std::equal(text.begin(), text.end(), kForm.begin(), kForm.end(),
                    [](char c, char form) { return form == 'd' ? c >= '0' && c <= '9' : c == form; });
}

}  // namespace

std::span<const Schema> schema() {
  static const std::vector<Schema> table{
      {Kind::kConnect, "connect", {"session", "client", "address"}},
      {Kind::kLogon, "logon", {"session", "user", "domain", "client", "address"}},
      {Kind::kLogonFailed, "logon-failed", {"session", "user", "domain", "client", "address", "reason"}},
      {Kind::kDisconnect, "disconnect", {"session", "user", "domain", "client", "address", "reason"}},
      {Kind::kReconnect, "reconnect", {"session", "user", "domain", "client", "address", "reason"}},
      {Kind::kTakeover,
       "takeover",
       {"session", "user", "domain", "client", "address", "replaced_client", "replaced_address", "reason"}},
      {Kind::kLogoff, "logoff", {"session", "user", "domain", "reason"}},
      {Kind::kSessionEnded, "session-ended", {"session", "user", "domain", "reason"}},
      {Kind::kLimit, "limit", {"limit", "reason"}},
      {Kind::kRefused, "refused", {"client", "address", "reason", "skipped"}},
      {Kind::kRoleStarted, "role-started", {}},
      {Kind::kRoleStopped, "role-stopped", {}},
      {Kind::kRoleRestarted, "role-restarted", {"daemon", "reason"}},
      {Kind::kServiceStarted, "service-started", {"address"}},
      {Kind::kServiceStopped, "service-stopped", {"reason"}},
      {Kind::kDrain, "drain", {"mode", "reason"}},
      {Kind::kShutdown, "shutdown", {"mode", "ends", "reason"}},
  };
  return table;
}

const Schema& schema_of(Kind kind) {
  auto table = schema();
  return *std::find_if(table.begin(), table.end(), [&](const Schema& one) { return one.kind == kind; });
}

std::string line_of(const Event& event, std::string_view role, Time time) {
  const Schema& schema = schema_of(event.kind);
  ordered_json object{{"time", time_text(time)}, {"event", schema.name}, {"role", role}};
  for (auto field : schema.fields) object[std::string(field)] = value_of(event, field);
  return dump(object) + '\n';
}

std::string Record::text(std::string_view field) const {
  auto found = texts.find(field);
  return found == texts.end() ? "" : found->second;
}

std::optional<Record> parse_line(std::string_view line) {
  auto object = ordered_json::parse(line, nullptr, false);
  if (!object.is_object()) return std::nullopt;
  Record record;
  for (const auto& [name, value] : object.items()) {
    // Flat, as all of ours: what is nested could be so deep that printing it ends us.
    if (value.is_structured()) return std::nullopt;
    if (value.is_string()) record.texts[name] = value.get<std::string>();
    if (name == "session" && value.is_number_integer() && value >= 0 && value <= UINT32_MAX)
      record.session = value.get<std::uint32_t>();
  }
  record.time = record.text("time");
  record.event = record.text("event");
  record.role = record.text("role");
  if (!is_time(record.time) || record.event.empty()) return std::nullopt;
  record.line = dump(object);
  return record;
}

std::string time_text(Time time) {
  using std::chrono::microseconds;
  using std::chrono::seconds;
  auto whole = std::chrono::floor<seconds>(time);
  auto rest = std::chrono::duration_cast<microseconds>(time - whole).count();
  std::time_t unix_seconds = whole.time_since_epoch().count();
  std::tm parts{};
  ::gmtime_r(&unix_seconds, &parts);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z", parts.tm_year + 1900, parts.tm_mon + 1,
                     parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec, rest);
}

}  // namespace ts::events
