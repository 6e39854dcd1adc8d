// tsquery process: what runs in sessions, as query process (qprocess) lists it, with processor time and
// memory.
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>

#include "cmd/tsquery/commands.h"
#include "cmd/tsquery/process_view.h"
#include "lib/base/log.h"
#include "lib/cli/text.h"
#include "lib/os/users.h"

namespace ts::tsquery {
namespace {

using cli::SessionRow;
using nlohmann::json;

constexpr std::chrono::seconds kListTime{15};  // more than the session manager waits for a host

struct Arguments {
  std::string session, user;
  bool all = false, as_json = false;
};

/// Display servers run under uids that have no name.
std::string user_of(std::int64_t uid) {
  static std::map<std::int64_t, std::string> known;
  auto found = known.find(uid);
  if (found != known.end()) return found->second;
  auto user = os::user_by_uid(static_cast<uid_t>(uid));
  return known[uid] = user ? user->name : std::to_string(uid);
}

Result<std::vector<SessionRow>> named_session(const std::vector<SessionRow>& rows, const std::string& named) {
  auto found = cli::find_session(rows, named);
  if (found) return std::vector<SessionRow>{*found};
  // An id that is not on our list may be somebody else's: the session manager says which of the two it is.
  auto id = cli::session_id_in(named);
  if (!id) return pass(found.error());
  SessionRow row;
  row.id = *id;
  return std::vector<SessionRow>{row};
}

Result<std::vector<SessionRow>> own_sessions(std::vector<SessionRow> rows) {
  auto inside = cli::own_session();
  bool known = std::any_of(rows.begin(), rows.end(), [&](const auto& row) { return inside == row.id; });
  std::erase_if(rows, [&](const SessionRow& row) {
    return known ? inside != row.id : row.uid != static_cast<std::int64_t>(::geteuid());
  });
  if (!rows.empty()) return rows;
  return fail(
      ErrorCode::kNotFound,
      "you have no session here; choose one with --session or --user, or take all you may see with --all");
}

Result<std::vector<SessionRow>> wanted_sessions(std::vector<SessionRow> rows, const Arguments& arguments) {
  std::erase_if(rows, [](const SessionRow& row) { return row.id == session::kListenerSession; });
  if (arguments.all) return rows;
  if (!arguments.session.empty()) return named_session(rows, arguments.session);
  if (arguments.user.empty()) return own_sessions(std::move(rows));
  std::erase_if(rows, [&](const SessionRow& row) { return row.user != arguments.user; });
  if (!rows.empty()) return rows;
  return fail(ErrorCode::kNotFound, "no session has the user '{}'", log::escaped(arguments.user));
}

Result<SessionProcesses> processes_of(varlink::Client& client, const SessionRow& session) {
  SessionProcesses out{session, {}, true};
  auto take = [&](const varlink::Reply& reply) -> Result<> {
    if (!reply.ok() && reply.error_name() == "NoSuchSession")
      return fail(ErrorCode::kNotFound, "no session {}; see 'tsquery session'", session.id);
    if (!reply.ok()) return pass(reply.as_error());
    for (const auto& process : reply.parameters->at("processes"))
      out.processes.push_back(process_row(process, user_of));
    out.complete = reply.parameters->at("complete");
    return {};
  };
  TS_TRY(client.call_more("ts.Session.Processes", {{"id", session.id}}, kListTime, take));
  return out;
}

Result<std::vector<SessionProcesses>> collect(const cli::Context& context, const Arguments& arguments) {
  TS_TRY_ASSIGN(auto sessions, cli::SessionClient::connect(context));
  TS_TRY_ASSIGN(auto rows, sessions.list());
  TS_TRY_ASSIGN(auto wanted, wanted_sessions(std::move(rows), arguments));
  TS_TRY_ASSIGN(auto client, cli::dial_session_manager(context));
  std::vector<SessionProcesses> out;
  for (const auto& session : wanted) {
    auto listed = processes_of(client, session);
    // One of several may have ended in between.
    bool ended = !listed && listed.error().code == ErrorCode::kNotFound && arguments.session.empty();
    if (!listed && !ended) return pass(listed.error());
    if (listed) out.push_back(std::move(*listed));
  }
  return out;
}

Result<> query(const cli::Context& context, const Arguments& arguments) {
  if (int(!arguments.session.empty()) + int(!arguments.user.empty()) + int(arguments.all) > 1)
    return fail(ErrorCode::kUsage, "--session, --user and --all exclude each other");
  TS_TRY_ASSIGN(auto sessions, collect(context, arguments));
  if (arguments.as_json) {
    fmt::print("{}\n", cli::json_line(process_json(sessions)));
    return {};
  }
  fmt::print("{}", process_table(sessions));
  for (const auto& session : sessions)
    if (!session.complete)
      fmt::print(stderr, "tsquery: not all processes of session {} are listed\n", session.session.id);
  return {};
}

}  // namespace

cli::Command process_command() {
  static Arguments given;
  cli::Command command{.name = "process",
                       .summary = "List the processes of your session, or of others for an administrator."};
  command.options = {{"--session", "ID", "those of the session of this id or name", &given.session},
                     {"--user", "NAME", "those of this user's sessions", &given.user},
                     {"--all", "", "those of all sessions you may see", &given.all},
                     {"--json", "", "one JSON object: {\"processes\": [...]}", &given.as_json}};
  command.run = [](const cli::Context& context) -> int {
    auto done = query(context, given);
    return done ? cli::kDone : cli::report("tsquery", done.error());
  };
  return command;
}

}  // namespace ts::tsquery
