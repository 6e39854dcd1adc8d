// tsquery session: who is on this server. Columns and words are those of query session (qwinsta).
#include <cstdio>
#include <nlohmann/json.hpp>

#include "cmd/tsquery/commands.h"
#include "cmd/tsquery/session_follow.h"
#include "cmd/tsquery/session_view.h"

namespace ts::tsquery {
namespace {

using nlohmann::ordered_json;

struct Arguments {
  std::string which, id, user, states, columns;
  bool as_json = false, follow = false;
};

void print_json(const std::vector<cli::SessionRow>& rows) {
  auto sessions = ordered_json::array();
  for (const auto& row : rows) sessions.push_back(session_json(row));
  fmt::print("{}\n", cli::json_line({{"sessions", sessions}}));
}

void print_table(const std::vector<cli::SessionRow>& rows, const std::vector<cli::Column>& columns) {
  cli::Table table(columns);
  for (const auto& row : rows) table.add(cells_of(row, columns), mark_of(row));
  fmt::print("{}", table.text());
}

Result<> query(const cli::Context& context, const Arguments& arguments) {
  TS_TRY(check_state_folder(context.sources.state));
  TS_TRY_ASSIGN(auto selection,
                Selection::from(arguments.which, arguments.id, arguments.user, arguments.states));
  TS_TRY_ASSIGN(auto columns, columns_from(arguments.columns));
  if (arguments.as_json && !arguments.columns.empty())
    return fail(ErrorCode::kUsage, "--columns is for the table: --json has every field");
  if (arguments.follow) return follow_sessions(context, selection, columns, arguments.as_json);
  TS_TRY_ASSIGN(auto client, cli::SessionClient::connect(context));
  TS_TRY_ASSIGN(auto rows, client.list());
  TS_TRY_ASSIGN(auto wanted, chosen(std::move(rows), selection));
  arguments.as_json ? print_json(wanted) : print_table(wanted, columns);
  return {};
}

}  // namespace

cli::Command session_command() {
  static Arguments given;
  static const std::string columns_help = "the table's columns, of " + valid_columns(", ");
  cli::Command command{.name = "session",
                       .summary = "List the sessions: your own, or all for an administrator."};
  command.options = {{"--user", "NAME", "only this user's", &given.user},
                     {"--id", "ID", "only the one with this id", &given.id},
                     {"--states", "STATE,...", "only those in these states", &given.states},
                     {"--columns", "LIST", columns_help, &given.columns},
                     {"--follow", "", "go on: one line for each change", &given.follow},
                     {"--json", "", "one JSON object; with --follow one for each change", &given.as_json}};
  command.positionals = {{"WHICH", "", "only the session of this ID, USER or NAME", &given.which}};
  command.run = [](const cli::Context& context) -> int {
    auto done = query(context, given);
    return done ? cli::kDone : cli::report("tsquery", done.error());
  };
  return command;
}

}  // namespace ts::tsquery
