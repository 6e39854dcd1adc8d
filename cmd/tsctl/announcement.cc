#include "cmd/tsctl/announcement.h"

#include <algorithm>

#include "lib/cli/session_client.h"
#include "lib/session/message_box.h"

namespace ts::tsctl {
namespace {

std::size_t characters(const std::string& text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

Result<> tell_all(const cli::Context& context, const cli::MessageRequest& request) {
  TS_TRY_ASSIGN(auto client, cli::SessionClient::connect(context));
  TS_TRY_ASSIGN(auto rows, client.list());
  for (const auto& row : rows) {
    if (row.user.empty()) continue;
    auto told = client.message(row.id, request);
    if (told || told.error().code == ErrorCode::kNotFound) continue;  // it has ended meanwhile
    // After one of ours the connection says nothing more.
    if (told.error().code == ErrorCode::kUnavailable || told.error().code == ErrorCode::kMalformed)
      return pass(told.error());
    cli::report("tsctl", told.error());
  }
  return {};
}

}  // namespace

Result<> check_length(const char* what, const std::string& text, std::size_t most) {
  if (characters(text) > most)
    return fail(ErrorCode::kUsage, "{} is too long: {} characters are the most that is shown", what, most);
  return {};
}

Result<> check_text(const char* what, const std::string& text) {
  if (text.find_first_not_of(" \t\r\n") == std::string::npos)
    return fail(ErrorCode::kUsage, "{} is empty", what);
  return check_length(what, text, session::kMostBoxText);
}

void tell_everybody(const cli::Context& context, const std::string& text, std::uint32_t seconds) {
  cli::MessageRequest request;
  request.text = text;
  request.seconds = std::min(seconds, session::kMostBoxSeconds);
  if (auto told = tell_all(context, request); !told) cli::report("tsctl", told.error());
}

}  // namespace ts::tsctl
