// tsctl disconnect, logoff and reset: let a session's client go, or end the session, in order or at once.
#include "cmd/tsctl/commands.h"
#include "lib/cli/session_client.h"

namespace ts::tsctl {
namespace {

/// What is done to the session once it is known which one.
using Action = std::function<Result<>(cli::SessionClient&, session::SessionId, const cli::Context&)>;

Result<> steer(const cli::Context& context, const std::string& named, const Action& action) {
  TS_TRY_ASSIGN(auto client, cli::SessionClient::connect(context));
  TS_TRY_ASSIGN(auto id, cli::chosen_session(client, named));
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

cli::Command reset_command() {
  static std::string named;
  auto command = steering_command("reset", "End a session at once: its programs get no time to save.", named,
                                  [](cli::SessionClient& client, session::SessionId id, const cli::Context&) {
                                    return client.reset(id);
                                  });
  // Whoever forgets the word must not lose the desktop that they sit at.
  command.positionals[0].help = "its id or name as in 'tsquery session'";
  command.positionals[0].required = true;
  return command;
}

}  // namespace ts::tsctl
