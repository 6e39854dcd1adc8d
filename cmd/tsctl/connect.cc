// tsctl connect: a client gets another session to show.
#include "cmd/tsctl/commands.h"
#include "lib/cli/session_client.h"

namespace ts::tsctl {
namespace {

Result<> connect(const cli::Context& context, const std::string& shown, const std::string& to) {
  TS_TRY_ASSIGN(auto client, cli::SessionClient::connect(context));
  TS_TRY_ASSIGN(auto id, cli::chosen_session(client, shown));
  TS_TRY_ASSIGN(auto target, cli::chosen_session(client, to, "it with --to"));
  return client.show(id, target);
}

}  // namespace

cli::Command connect_command() {
  static std::string shown, to;
  cli::Command command{.name = "connect", .summary = "Show a session to the client of another one."};
  command.options = {{"--to", "ID", "whose client that is [the session of this shell]", &to}};
  command.positionals = {{"ID", "", "what it gets: id or name as in 'tsquery session'", &shown, true}};
  command.run = [](const cli::Context& context) -> int {
    auto done = connect(context, shown, to);
    return done ? cli::kDone : cli::report("tsctl", done.error());
  };
  return command;
}

}  // namespace ts::tsctl
