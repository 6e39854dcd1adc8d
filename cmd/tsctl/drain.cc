// tsctl drain: new logons are refused, those who have a session come back to it.
#include <cstdio>
#include <nlohmann/json.hpp>

#include "cmd/tsctl/commands.h"
#include "lib/cli/server_client.h"
#include "lib/cli/text.h"

namespace ts::tsctl {
namespace {

Result<> set(const cli::Context& context, const std::string& mode) {
  TS_TRY_ASSIGN(auto client, cli::ServerClient::connect(context));
  return client.set_drain(mode);
}

Result<cli::ServerClient::Drain> get(const cli::Context& context) {
  TS_TRY_ASSIGN(auto client, cli::ServerClient::connect(context));
  return client.drain();
}

void print(const cli::ServerClient::Drain& drain, bool as_json) {
  if (as_json) {
    nlohmann::ordered_json out{{"drain", drain.mode}, {"shutdown", nullptr}};
    if (drain.shutdown) out["shutdown"] = *drain.shutdown;
    fmt::print("{}\n", cli::json_line(out));
    return;
  }
  fmt::print("{}\n", drain.mode);
  if (drain.shutdown)
    fmt::print("All sessions end at {} (tsctl shutdown)\n", cli::printable(*drain.shutdown));
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
  command.options = {{"--json", "", "one JSON object: {\"drain\": \"on\", \"shutdown\": null}", &as_json}};
  command.run = [](const cli::Context& context) -> int {
    auto drain = get(context);
    if (!drain) return cli::report("tsctl", drain.error());
    print(*drain, as_json);
    return drain->mode == "off" && !drain->shutdown ? cli::kFailed : cli::kDone;
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
