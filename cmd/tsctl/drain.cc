// tsctl drain: new logons are refused, those who have a session come back to it.
#include <cstdio>
#include <nlohmann/json.hpp>

#include "cmd/tsctl/commands.h"
#include "lib/cli/server_client.h"

namespace ts::tsctl {
namespace {

Result<> set(const cli::Context& context, const std::string& mode) {
  TS_TRY_ASSIGN(auto client, cli::ServerClient::connect(context));
  return client.set_drain(mode);
}

Result<std::string> get(const cli::Context& context) {
  TS_TRY_ASSIGN(auto client, cli::ServerClient::connect(context));
  return client.drain();
}

cli::Command set_command(const char* name, const char* summary) {
  cli::Command command{.name = name, .summary = summary};
  command.run = [mode = std::string(name)](const cli::Context& context) -> int {
    auto done = set(context, mode);
    return done ? cli::kDone : cli::report("tsctl", done.error());
  };
  return command;
}

cli::Command status_command() {
  static bool as_json = false;
  cli::Command command{.name = "status",
                       .summary = "Print which; exit status 0 if they are refused, else 1."};
  command.options = {{"--json", "", "one JSON object: {\"drain\": \"on\"}", &as_json}};
  command.run = [](const cli::Context& context) -> int {
    auto mode = get(context);
    if (!mode) return cli::report("tsctl", mode.error());
    fmt::print("{}\n", as_json ? nlohmann::json{{"drain", *mode}}.dump() : *mode);
    return *mode == "off" ? cli::kFailed : cli::kDone;
  };
  return command;
}

}  // namespace

cli::Command drain_command() {
  return {.name = "drain",
          .summary = "Refuse new logons; let people back to their sessions.",
          .commands = {set_command("on", "Refuse new logons, whatever restarts."),
                       set_command("off", "Take new logons again."),
                       set_command("until-restart", "Refuse them until the service is started again."),
                       status_command()},
          .foreign = {{"disable", "on"},
                      {"/disable", "on"},
                      {"enable", "off"},
                      {"/enable", "off"},
                      {"drainuntilrestart", "until-restart"},
                      {"/drainuntilrestart", "until-restart"},
                      {"query", "status"},
                      {"/query", "status"}}};
}

}  // namespace ts::tsctl
