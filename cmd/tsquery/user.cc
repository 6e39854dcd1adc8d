// tsquery user: who is logged on, and since when. Columns and words are those of query user (quser), but for
// the idle time, which nothing here measures.
#include <cstdio>
#include <ctime>
#include <nlohmann/json.hpp>

#include "cmd/tsquery/commands.h"
#include "cmd/tsquery/session_view.h"

namespace ts::tsquery {
namespace {

using nlohmann::ordered_json;

struct Arguments {
  std::string which;
  bool as_json = false;
};

/// As a clock on this machine's wall shows it.
std::string local_time(const std::optional<std::string>& rfc3339) {
  std::tm parts{};
  if (!rfc3339 || ::strptime(rfc3339->c_str(), "%Y-%m-%dT%H:%M:%SZ", &parts) == nullptr) return "";
  std::time_t seconds = ::timegm(&parts);
  if (::localtime_r(&seconds, &parts) == nullptr) return "";
  char text[32];
  return std::string(text, std::strftime(text, sizeof text, "%Y-%m-%d %H:%M", &parts));
}

ordered_json user_json(const cli::SessionRow& row) {
  return {{"user", row.user},
          {"domain", row.domain},
          {"uid", row.uid ? ordered_json(*row.uid) : ordered_json(nullptr)},
          {"session_name", row.name},
          {"session_id", row.id},
          {"state", row.state},
          {"logon_time", row.logon_time ? ordered_json(*row.logon_time) : ordered_json(nullptr)}};
}

void print_json(const std::vector<cli::SessionRow>& rows) {
  auto users = ordered_json::array();
  for (const auto& row : rows) users.push_back(user_json(row));
  fmt::print("{}\n", cli::json_line({{"users", users}}));
}

void print_table(const std::vector<cli::SessionRow>& rows) {
  cli::Table table(
      {{"username", 19}, {"sessionname", 16}, {"id", 6, true}, {"state", 6}, {"logon time", 16}});
  for (const auto& row : rows)
    table.add({row.user, row.name, std::to_string(row.id), row.state, local_time(row.logon_time)},
              mark_of(row));
  fmt::print("{}", table.text());
}

Result<> query(const cli::Context& context, const Arguments& arguments) {
  TS_TRY_ASSIGN(auto selection, Selection::from(arguments.which, "", "", ""));
  TS_TRY_ASSIGN(auto client, cli::SessionClient::connect(context));
  TS_TRY_ASSIGN(auto rows, client.list());
  std::erase_if(rows, [](const cli::SessionRow& row) { return row.user.empty(); });
  TS_TRY_ASSIGN(auto users, chosen(std::move(rows), selection));
  arguments.as_json ? print_json(users) : print_table(users);
  return {};
}

}  // namespace

cli::Command user_command() {
  static Arguments given;
  cli::Command command{.name = "user",
                       .summary = "List who is logged on: yourself, or all for an administrator."};
  command.options = {{"--json", "", "one JSON object: {\"users\": [...]}", &given.as_json}};
  command.positionals = {
      {"WHICH", "", "only this USER, or who is in the session of this ID or NAME", &given.which}};
  command.run = [](const cli::Context& context) -> int {
    auto done = query(context, given);
    return done ? cli::kDone : cli::report("tsquery", done.error());
  };
  return command;
}

}  // namespace ts::tsquery
