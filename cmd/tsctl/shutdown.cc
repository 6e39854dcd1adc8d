// tsctl shutdown: an end of all sessions that is announced, and then of the service.
#include <cstdio>
#include <nlohmann/json.hpp>

#include "cmd/tsctl/announcement.h"
#include "cmd/tsctl/commands.h"
#include "lib/cli/server_client.h"

namespace ts::tsctl {
namespace {

constexpr int kLongestDelay = 30 * 24 * 3600;  // seconds

struct Arguments {
  int delay = 60;  // seconds
  std::string message;
  bool cancel = false;
  bool as_json = false;
};

void print(const cli::ServerClient::End& end, bool as_json) {
  if (as_json) {
    fmt::print("{}\n", nlohmann::ordered_json{{"time", end.time}, {"stops", end.stops}}.dump());
  } else if (end.stops) {
    fmt::print("All sessions end at {}, then the service does.\n", end.time);
  } else {
    fmt::print(
        "All sessions end at {}. The service goes on without them and lets nobody in: stop its units then "
        "with\n"
        "'systemctl stop tsd.socket tssession.socket tssession-hosts.socket tsd tssession tsspawn'.\n",
        end.time);
  }
}

Result<> shut_down(const cli::Context& context, const Arguments& arguments) {
  if (arguments.delay < 0 || arguments.delay > kLongestDelay)
    return fail(ErrorCode::kUsage, "--delay {} is not between 0 and {}", arguments.delay, kLongestDelay);
  if (!arguments.message.empty()) {
    TS_TRY(check_text("--message", arguments.message));
    if (arguments.delay == 0 && !arguments.cancel)
      return fail(ErrorCode::kUsage, "--message is read by nobody with --delay 0");
  }
  TS_TRY_ASSIGN(auto client, cli::ServerClient::connect(context));
  if (arguments.cancel) {
    TS_TRY(client.cancel_shutdown());
  } else {
    TS_TRY_ASSIGN(auto end, client.shut_down(arguments.delay));
    print(end, arguments.as_json);
    std::fflush(stdout);
  }
  if (!arguments.message.empty())
    tell_everybody(context, arguments.message,
                   arguments.cancel ? 0 : static_cast<std::uint32_t>(arguments.delay));
  return {};
}

}  // namespace

cli::Command shutdown_command() {
  static Arguments arguments;
  cli::Command command{.name = "shutdown", .summary = "End all sessions after a while, then the service."};
  command.options = {
      {"--delay", "SECONDS", "until sessions end; no new logons from now on [60]", &arguments.delay},
      {"--message", "TEXT", "show everybody who is logged on this text", &arguments.message},
      {"--cancel", "", "take it back while none has ended", &arguments.cancel},
      {"--json", "", "one JSON object: {\"time\": ..., \"stops\": true}", &arguments.as_json}};
  command.run = [](const cli::Context& context) -> int {
    auto done = shut_down(context, arguments);
    return done ? cli::kDone : cli::report("tsctl", done.error());
  };
  return command;
}

}  // namespace ts::tsctl
