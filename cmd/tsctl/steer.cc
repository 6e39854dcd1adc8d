// tsctl disconnect and logoff: let a session's client go, or end the session.
#include "cmd/tsctl/commands.h"
#include "lib/cli/session_client.h"

namespace ts::tsctl {
namespace {

/// What is done to the session once it is known which one.
using Action = std::function<Result<>(cli::SessionClient&, session::SessionId, const cli::Context&)>;

/// The id, the id of the session that has this name, or, with no word at all, of the one we are in.
Result<session::SessionId> chosen_session(cli::SessionClient& client, const std::string& named) {
  if (auto id = cli::session_id_in(named)) return *id;
  if (named.empty()) {
    if (auto own = cli::own_session()) return *own;
    return fail(ErrorCode::kUsage,
                "which session? This shell is in none (TS_SESSION_ID is not set): name its ID");
  }
  TS_TRY_ASSIGN(auto sessions, client.list());
  TS_TRY_ASSIGN(auto session, cli::find_session(sessions, named));
  return session.id;
}

Result<> steer(const cli::Context& context, const std::string& named, const Action& action) {
  TS_TRY_ASSIGN(auto client, cli::SessionClient::connect(context));
  TS_TRY_ASSIGN(auto id, chosen_session(client, named));
  return action(client, id, context);
}

cli::Command steering_command(const char* name, const char* summary, std::string& named, Action action) {
  cli::Command command{.name = name, .summary = summary};
  command.positionals = {
      {"ID", "", "its id or name as in 'tsquery session' [the session of this shell]", &named}};
  command.run = [&named, action](const cli::Context& context) -> int {
    auto done = steer(context, named, action);
    return done ? cli::kDone : cli::report("tsctl", done.error());
  };
  return command;
}

}  // namespace

cli::Command disconnect_command() {
  static std::string named;
  return steering_command("disconnect", "Let a session's client go; everything in it runs on.", named,
                          [](cli::SessionClient& client, session::SessionId id, const cli::Context&) {
                            return client.disconnect(id);
                          });
}

cli::Command logoff_command() {
  static std::string named;
  return steering_command("logoff", "End a session and every process in it.", named,
                          [](cli::SessionClient& client, session::SessionId id, const cli::Context& context) {
                            // Programs have end_timeout before they are killed; then the host still tidies
                            // up.
                            auto grace = std::chrono::seconds(20);
                            return client.logoff(id, context.config.sessions.end_timeout + grace);
                          });
}

}  // namespace ts::tsctl
