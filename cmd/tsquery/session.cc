// tsquery session: who is on this server. Columns and words are those of query session (qwinsta).
#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "cmd/tsquery/commands.h"
#include "lib/cli/session_client.h"

namespace ts::tsquery {
namespace {

using cli::SessionRow;
using nlohmann::ordered_json;

template <typename T>
ordered_json or_null(const std::optional<T>& value) {
  return value ? ordered_json(*value) : ordered_json(nullptr);
}

ordered_json client_json(const std::optional<cli::ClientRow>& client) {
  if (!client) return nullptr;
  return {{"name", client->name},
          {"address", client->address},
          {"width", client->width},
          {"height", client->height},
          {"depth", client->depth}};
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
          {"uid", or_null(row.uid)},
          {"display", or_null(row.display)},
          {"pid", or_null(row.pid)},
          {"program", row.program},
          {"connect_time", or_null(row.connect_time)},
          {"logon_time", or_null(row.logon_time)},
          {"disconnect_time", or_null(row.disconnect_time)},
          {"addresses", row.addresses}};
}

void print_json(const std::vector<SessionRow>& rows) {
  auto sessions = ordered_json::array();
  for (const auto& row : rows) sessions.push_back(session_json(row));
  // Names come from clients: what is not UTF-8 must not cost the whole answer.
  auto text =
      ordered_json{{"sessions", sessions}}.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
  fmt::print("{}\n", text);
}

/// Nothing that steers a terminal: control characters, in ASCII and as UTF-8 has the second set of them.
std::string printable(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto c = static_cast<unsigned char>(text[i]);
    auto next = i + 1 < text.size() ? static_cast<unsigned char>(text[i + 1]) : 0;
    bool second_set = c == 0xc2 && next >= 0x80 && next < 0xa0;
    if (second_set) ++i;
    out += c < 0x20 || c == 0x7f || second_set ? '?' : text[i];
  }
  return out;
}

void print_line(char mark, const std::string& name, const std::string& user, const std::string& id,
                const std::string& state, const std::string& type, const std::string& device) {
  auto line = fmt::format("{}{:<17} {:<20} {:>6}  {:<6}  {:<10}  {}", mark, printable(name), printable(user),
                          id, state, printable(type), printable(device));
  fmt::print("{}\n", line.substr(0, line.find_last_not_of(' ') + 1));
}

void print_table(const std::vector<SessionRow>& rows) {
  auto own = cli::own_session();
  print_line(' ', "SESSIONNAME", "USERNAME", "ID", "STATE", "TYPE", "DEVICE");
  for (const auto& row : rows) {
    char mark = own == row.id ? '>' : ' ';
    print_line(mark, row.name, row.user, std::to_string(row.id), row.state, row.type, row.device);
  }
}

bool matches(const SessionRow& row, const std::string& named) {
  if (auto id = cli::session_id_in(named)) return row.id == *id;
  return (!row.name.empty() && cli::same_name(row.name, named)) || row.user == named;
}

Result<> query(const cli::Context& context, const std::string& named, bool as_json) {
  TS_TRY_ASSIGN(auto client, cli::SessionClient::connect(context));
  TS_TRY_ASSIGN(auto rows, client.list());
  if (!named.empty()) std::erase_if(rows, [&](const SessionRow& row) { return !matches(row, named); });
  if (!named.empty() && rows.empty()) {
    return fail(ErrorCode::kNotFound, "no session has the id, user or name '{}'", log::escaped(named));
  }
  as_json ? print_json(rows) : print_table(rows);
  return {};
}

}  // namespace

cli::Command session_command() {
  static std::string named;
  static bool as_json = false;
  cli::Command command{.name = "session",
                       .summary = "List the sessions: your own, or all for an administrator."};
  command.options = {{"--json", "", "one JSON object: {\"sessions\": [...]}", &as_json}};
  command.positionals = {{"WHICH", "", "only the session of this ID, USER or NAME", &named}};
  command.run = [](const cli::Context& context) -> int {
    auto done = query(context, named, as_json);
    return done ? cli::kDone : cli::report("tsquery", done.error());
  };
  return command;
}

}  // namespace ts::tsquery
