#include "cmd/tsquery/session_view.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "lib/base/log.h"
#include "lib/base/nearest.h"

namespace ts::tsquery {
namespace {

using cli::SessionRow;
using nlohmann::ordered_json;

/// States that ts.Session knows, in the order of a session's life.
constexpr std::array<const char*, 7> kStates{"Init", "Idle", "Conn", "Active", "Disc", "Down", "Listen"};
constexpr const char* kDefaultColumns = "sessionname,username,id,state,type,device";

template <typename T>
std::string text_or_blank(const std::optional<T>& value) {
  return value ? fmt::format("{}", *value) : "";
}

std::string client_text(const SessionRow& row, std::string cli::ClientRow::*field) {
  return row.client ? (*row.client).*field : "";
}

/// "memory=2000000000 tasks=300 (not in force: tasks)".
std::string limits_text(const SessionRow& row) {
  if (!row.limits) return "";
  std::vector<std::string> words;
  auto add = [&](const char* name, const std::optional<std::int64_t>& value) {
    if (value) words.push_back(fmt::format("{}={}", name, *value));
  };
  add("memory", row.limits->memory_bytes);
  add("cpu_weight", row.limits->cpu_weight);
  add("tasks", row.limits->tasks);
  if (!row.limits->not_in_force.empty())
    words.push_back(fmt::format("(not in force: {})", fmt::join(row.limits->not_in_force, ", ")));
  return fmt::format("{}", fmt::join(words, " "));
}

struct ColumnKind {
  cli::Column column;
  std::string (*cell)(const SessionRow& row);
};

const std::vector<ColumnKind>& column_kinds() {
  static const std::vector<ColumnKind> kinds{
      {{"sessionname", 16}, [](const SessionRow& row) { return row.name; }},
      {{"username", 19}, [](const SessionRow& row) { return row.user; }},
      {{"id", 6, true}, [](const SessionRow& row) { return std::to_string(row.id); }},
      {{"state", 6}, [](const SessionRow& row) { return row.state; }},
      {{"type", 10}, [](const SessionRow& row) { return row.type; }},
      {{"device", 6}, [](const SessionRow& row) { return row.device; }},
      {{"domain", 10}, [](const SessionRow& row) { return row.domain; }},
      {{"client", 15}, [](const SessionRow& row) { return client_text(row, &cli::ClientRow::name); }},
      {{"address", 21}, [](const SessionRow& row) { return client_text(row, &cli::ClientRow::address); }},
      {{"size", 9},
       [](const SessionRow& row) {
         return row.client ? fmt::format("{}x{}", row.client->width, row.client->height) : "";
       }},
      {{"depth", 5, true},
       [](const SessionRow& row) { return row.client ? std::to_string(row.client->depth) : ""; }},
      {{"uid", 6, true}, [](const SessionRow& row) { return text_or_blank(row.uid); }},
      {{"display", 7},
       [](const SessionRow& row) { return row.display ? fmt::format(":{}", *row.display) : ""; }},
      {{"pid", 7, true}, [](const SessionRow& row) { return text_or_blank(row.pid); }},
      {{"program", 16}, [](const SessionRow& row) { return row.program; }},
      {{"limits", 16}, limits_text},
      {{"connected", 20}, [](const SessionRow& row) { return text_or_blank(row.connect_time); }},
      {{"loggedon", 20}, [](const SessionRow& row) { return text_or_blank(row.logon_time); }},
      {{"disconnected", 20}, [](const SessionRow& row) { return text_or_blank(row.disconnect_time); }}};
  return kinds;
}

const ColumnKind* column_kind(const std::string& key) {
  const auto& kinds = column_kinds();
  auto found = std::find_if(kinds.begin(), kinds.end(),
                            [&](const ColumnKind& kind) { return cli::same_name(kind.column.key, key); });
  return found == kinds.end() ? nullptr : &*found;
}

std::vector<std::string> split(const std::string& list) {
  std::vector<std::string> out;
  for (std::size_t at = 0; at <= list.size();) {
    auto end = std::min(list.find(',', at), list.size());
    out.push_back(list.substr(at, end - at));
    at = end + 1;
  }
  return out;
}

std::string did_you_mean(const std::string& word, const std::vector<std::string>& words) {
  auto near = nearest(word, words);
  return near ? fmt::format(", did you mean '{}'?", *near) : "";
}

ordered_json client_json(const std::optional<cli::ClientRow>& client) {
  if (!client) return nullptr;
  return {{"name", client->name},
          {"address", client->address},
          {"width", client->width},
          {"height", client->height},
          {"depth", client->depth}};
}

template <typename T>
ordered_json value_or_null(const std::optional<T>& value) {
  return value ? ordered_json(*value) : ordered_json(nullptr);
}

ordered_json limits_json(const std::optional<cli::LimitsRow>& limits) {
  if (!limits) return nullptr;
  return {{"memory_bytes", value_or_null(limits->memory_bytes)},
          {"cpu_weight", value_or_null(limits->cpu_weight)},
          {"tasks", value_or_null(limits->tasks)},
          {"not_in_force", limits->not_in_force}};
}

}  // namespace

Result<Selection> Selection::from(const std::string& which, const std::string& id, const std::string& user,
                                  const std::string& states) {
  if (!id.empty() && !cli::session_id_in(id))
    return fail(ErrorCode::kUsage, "--id '{}' is not a number", log::escaped(id));
  Selection out{which, id, user, {}};
  if (states.empty()) return out;
  for (const auto& word : split(states)) {
    auto found = std::find_if(kStates.begin(), kStates.end(),
                              [&](const char* state) { return cli::same_name(state, word); });
    if (found == kStates.end())
      return fail(ErrorCode::kUsage, "--states '{}' is none of {}{}", log::escaped(word),
                  fmt::join(kStates, ", "), did_you_mean(word, {kStates.begin(), kStates.end()}));
    out.states.emplace_back(*found);
  }
  return out;
}

Result<> check_state_folder(const std::optional<std::filesystem::path>& folder) {
  if (!folder || folder->empty() || !Selection::from("", "", "", folder->native())) return {};
  return fail(ErrorCode::kUsage, "--state names a folder: sessions in a state are chosen with --states {}",
              folder->native());
}

bool Selection::names(const SessionRow& row) const {
  if (!id.empty() && cli::session_id_in(id) != row.id) return false;
  if (!user.empty() && row.user != user) return false;
  if (which.empty()) return true;
  if (auto number = cli::session_id_in(which)) return row.id == *number;
  return (!row.name.empty() && cli::same_name(row.name, which)) || row.user == which;
}

bool Selection::has(const SessionRow& row) const {
  return names(row) && (states.empty() || std::find(states.begin(), states.end(), row.state) != states.end());
}

Result<std::vector<SessionRow>> chosen(std::vector<SessionRow> rows, const Selection& selection) {
  bool known = std::any_of(rows.begin(), rows.end(), [&](const auto& row) { return selection.names(row); });
  if (selection.named() && !known) {
    std::vector<std::string> wanted;
    if (!selection.which.empty())
      wanted.push_back(fmt::format("the id, user or name '{}'", log::escaped(selection.which)));
    if (!selection.id.empty()) wanted.push_back(fmt::format("the id {}", selection.id));
    if (!selection.user.empty()) wanted.push_back(fmt::format("the user '{}'", log::escaped(selection.user)));
    return fail(ErrorCode::kNotFound, "no session has {}", fmt::join(wanted, " and "));
  }
  std::erase_if(rows, [&](const SessionRow& row) { return !selection.has(row); });
  return rows;
}

std::string valid_columns(std::string_view separator) {
  std::vector<std::string> keys;
  for (const auto& kind : column_kinds()) keys.push_back(kind.column.key);
  return fmt::format("{}", fmt::join(keys, separator));
}

Result<std::vector<cli::Column>> columns_from(const std::string& list) {
  std::vector<cli::Column> out;
  for (const auto& key : split(list.empty() ? kDefaultColumns : list)) {
    const ColumnKind* kind = column_kind(key);
    if (kind == nullptr)
      return fail(ErrorCode::kUsage, "--columns '{}' is none of {}{}", log::escaped(key), valid_columns(),
                  did_you_mean(key, split(valid_columns())));
    out.push_back(kind->column);
  }
  return out;
}

std::vector<std::string> cells_of(const SessionRow& row, const std::vector<cli::Column>& columns) {
  std::vector<std::string> out;
  for (const auto& column : columns) out.push_back(column_kind(column.key)->cell(row));
  return out;
}

ordered_json session_json(const SessionRow& row) {
  return {{"id", row.id},
          {"name", row.name},
          {"user", row.user},
          {"domain", row.domain},
          {"state", row.state},
          {"client", client_json(row.client)},
          {"type", row.type},
          {"device", row.device},
          {"uid", value_or_null(row.uid)},
          {"display", value_or_null(row.display)},
          {"pid", value_or_null(row.pid)},
          {"program", row.program},
          {"connect_time", value_or_null(row.connect_time)},
          {"logon_time", value_or_null(row.logon_time)},
          {"disconnect_time", value_or_null(row.disconnect_time)},
          {"addresses", row.addresses},
          {"limits", limits_json(row.limits)}};
}

char mark_of(const SessionRow& row) {
  return cli::own_session() == row.id ? '>' : ' ';
}

}  // namespace ts::tsquery
