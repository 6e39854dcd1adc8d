// tsctl kill: a signal to processes of sessions, by number or by name. tssession finds whose they are and the
// session's host sends it, so that no other process can be met.
#include <signal.h>
#include <string.h>
#include <strings.h>

#include <charconv>
#include <limits>

#include "cmd/tsctl/commands.h"
#include "lib/base/log.h"
#include "lib/cli/session_client.h"

namespace ts::tsctl {
namespace {

/// "9", "KILL", "SIGKILL", in any case.
Result<int> signal_in(const std::string& text) {
  int number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc() && end == text.data() + text.size() && number >= 1 && number <= SIGRTMAX)
    return number;
  const char* name = ::strncasecmp(text.c_str(), "SIG", 3) == 0 ? text.c_str() + 3 : text.c_str();
  for (number = 1; number < NSIG; ++number) {
    const char* known = ::sigabbrev_np(number);
    if (known && ::strcasecmp(known, name) == 0) return number;
  }
  return fail(ErrorCode::kUsage, "--signal '{}' is no signal; 'kill -l' lists them", log::escaped(text));
}

Result<> kill(const cli::Context& context, const std::string& what, const std::string& session,
              const std::string& signal) {
  cli::KillRequest request;
  TS_TRY_ASSIGN(request.signal, signal_in(signal));
  if (what.empty()) return fail(ErrorCode::kUsage, "PROCESS is empty: name a process, or give its number");
  std::int64_t pid = 0;
  auto [end, error] = std::from_chars(what.data(), what.data() + what.size(), pid);
  if (error == std::errc() && end == what.data() + what.size()) {
    if (pid < 1 || pid > std::numeric_limits<std::int32_t>::max())
      return fail(ErrorCode::kUsage, "{} is not the number of a process", what);
    request.pid = pid;
  } else {
    request.name = what;
  }
  TS_TRY_ASSIGN(auto client, cli::SessionClient::connect(context));
  if (request.name || !session.empty()) {
    TS_TRY_ASSIGN(request.session, cli::chosen_session(client, session, "it with --session"));
  }
  TS_TRY(client.kill(request));
  return {};
}

}  // namespace

cli::Command kill_command() {
  static std::string what, session, signal = "TERM";
  cli::Command command{.name = "kill", .summary = "Send a signal to processes of a session."};
  command.options = {
      {"--session", "ID", "look in this session only [PID: any; NAME: this shell's]", &session},
      {"--signal", "SIGNAL", "name or number [TERM]", &signal}};
  command.positionals = {{"PROCESS", "", "its PID, or the NAME of all that are meant", &what, true}};
  command.surplus = "one PROCESS is meant, and a signal is given as in '--signal KILL'";
  command.run = [](const cli::Context& context) -> int {
    auto done = kill(context, what, session, signal);
    return done ? cli::kDone : cli::report("tsctl", done.error());
  };
  return command;
}

}  // namespace ts::tsctl
