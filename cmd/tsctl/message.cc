// tsctl message: shows a message to people in front of sessions, and brings the answer of one of them back.
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "cmd/tsctl/announcement.h"
#include "cmd/tsctl/commands.h"
#include "lib/base/log.h"
#include "lib/cli/session_client.h"
#include "lib/cli/text.h"
#include "lib/session/message_box.h"

namespace ts::tsctl {
namespace {

using session::SessionId;

struct Arguments {
  std::string whom, text, title, buttons = "ok";
  int timeout = 0;
  bool all = false, wait = false, json = false;
};

struct Shown {
  SessionId id = 0;
  std::optional<std::string> reply;
};

/// As much as is ever shown and one more: what is longer is refused, however long it is.
Result<std::string> standard_input() {
  std::string out(4 * session::kMostBoxText + 1, '\0');
  out.resize(std::fread(out.data(), 1, out.size(), stdin));
  if (std::ferror(stdin) != 0) return fail_errno("reading the text from standard input");
  return out;
}

Result<cli::MessageRequest> request_of(const Arguments& arguments, std::string text) {
  cli::MessageRequest out;
  if (text == "-") {
    TS_TRY_ASSIGN(text, standard_input());
  }
  if (text.find_first_not_of(" \t\r\n") == std::string::npos)
    return fail(ErrorCode::kUsage, "TEXT is missing or empty; '-' reads it from standard input");
  TS_TRY(check_text("TEXT", text));
  TS_TRY(check_length("--title", arguments.title, session::kMostBoxTitle));
  if (arguments.timeout < 0 || arguments.timeout > static_cast<int>(session::kMostBoxSeconds))
    return fail(ErrorCode::kUsage, "--timeout {} is not between 0 and {} seconds", arguments.timeout,
                session::kMostBoxSeconds);
  out.buttons = arguments.buttons;
  std::ranges::replace(out.buttons, '-', '_');
  if (!session::buttons_named(out.buttons))
    return fail(ErrorCode::kUsage,
                "--buttons '{}' is none of ok, ok-cancel, yes-no, yes-no-cancel, retry-cancel, "
                "abort-retry-ignore",
                log::escaped(arguments.buttons));
  if (arguments.buttons != "ok" && !arguments.wait)
    return fail(ErrorCode::kUsage, "--buttons is a question: --wait brings its answer");
  out.title = arguments.title;
  out.text = std::move(text);
  out.seconds = static_cast<std::uint32_t>(arguments.timeout);
  out.wait = arguments.wait;
  return out;
}

/// A number, else the session of that name, else all sessions of that user.
Result<std::vector<SessionId>> sessions_of(cli::SessionClient& client, const Arguments& arguments) {
  if (auto id = cli::session_id_in(arguments.whom); id && !arguments.all) {
    TS_TRY(cli::check_no_listener(*id));
    return std::vector{*id};
  }
  TS_TRY_ASSIGN(auto rows, client.list());
  std::vector<SessionId> out;
  if (auto named = cli::find_session(rows, arguments.whom); named && !arguments.all) {
    TS_TRY(cli::check_no_listener(named->id));
    return std::vector{named->id};
  }
  for (const auto& row : rows)
    if (row.uid && (arguments.all ? !row.user.empty() : row.user == arguments.whom)) out.push_back(row.id);
  if (!out.empty()) return out;
  if (arguments.all) return fail(ErrorCode::kNotFound, "nobody is logged on; see 'tsquery session'");
  return fail(ErrorCode::kNotFound, "no session and no user '{}' that is logged on; see 'tsquery session'{}",
              log::escaped(arguments.whom), arguments.whom == "*" ? ", and --all is everybody" : "");
}

/// Each is told whatever becomes of the others; the first failure is the command's.
Result<std::vector<Shown>> show(const cli::Context& context, const Arguments& arguments) {
  if (arguments.all && !arguments.text.empty())
    return fail(ErrorCode::kUsage, "--all stands in place of a session: what is '{}'?",
                log::escaped(arguments.whom));
  TS_TRY_ASSIGN(auto request, request_of(arguments, arguments.all ? arguments.whom : arguments.text));
  TS_TRY_ASSIGN(auto client, cli::SessionClient::connect(context));
  TS_TRY_ASSIGN(auto ids, sessions_of(client, arguments));
  if (arguments.wait && ids.size() > 1)
    return fail(ErrorCode::kUsage, "--wait is for one session, and these are {}: name one by its ID",
                ids.size());
  std::vector<Shown> out;
  std::optional<Error> failure;
  for (SessionId id : ids) {
    auto reply = client.message(id, request);
    if (reply) {
      out.push_back({id, *reply});
    } else if (!failure) {
      failure = reply.error();
    } else {
      cli::report("tsctl", reply.error());
    }
    // After one of ours the connection says nothing more.
    if (!reply &&
        (reply.error().code == ErrorCode::kUnavailable || reply.error().code == ErrorCode::kMalformed))
      break;
  }
  if (failure) return pass(*failure);
  return out;
}

bool says_no(const std::string& reply) {
  return reply == "cancel" || reply == "no" || reply == "abort";
}

int run(const cli::Context& context, const Arguments& arguments) {
  auto shown = show(context, arguments);
  if (!shown) return cli::report("tsctl", shown.error());
  int code = cli::kDone;
  nlohmann::ordered_json messages = nlohmann::ordered_json::array();
  for (const auto& [id, reply] : *shown) {
    nlohmann::ordered_json row{{"session_id", id}, {"reply", nullptr}};
    if (reply) row["reply"] = *reply;
    messages.push_back(std::move(row));
    if (reply && !arguments.json) fmt::print("{}\n", *reply);
    if (reply && says_no(*reply)) code = cli::kFailed;
  }
  if (arguments.json) fmt::print("{}\n", cli::json_line({{"messages", messages}}));
  return code;
}

}  // namespace

cli::Command message_command() {
  static Arguments arguments;
  cli::Command command{.name = "message", .summary = "Show a message to the person in front of a session."};
  command.options = {
      {"--all", "", "to everybody who is logged on", &arguments.all},
      {"--title", "TITLE", "above the text", &arguments.title},
      {"--buttons", "SET", "ok, ok-cancel, yes-no, yes-no-cancel, retry-cancel, abort-retry-ignore",
       &arguments.buttons},
      {"--wait", "", "until it is answered, and print the answer", &arguments.wait},
      {"--timeout", "SECONDS", "close it by itself [0: it stays]", &arguments.timeout},
      {"--json", "", "print one JSON object", &arguments.json}};
  command.positionals = {
      {"WHOM", "", "session or user as in 'tsquery session'; not with --all", &arguments.whom, true},
      {"TEXT", "", "'-': standard input", &arguments.text}};
  command.surplus = "a TEXT of several words stands in quotes";
  command.run = [](const cli::Context& context) { return run(context, arguments); };
  return command;
}

}  // namespace ts::tsctl
