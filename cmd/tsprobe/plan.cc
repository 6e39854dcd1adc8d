#include "cmd/tsprobe/plan.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "lib/base/random.h"
#include "lib/base/unique_fd.h"
#include "lib/rdp/x224.h"

namespace ts::probe {
namespace {

constexpr int kMinDesktop = 64, kMaxDesktop = 8192;  // pixels each way
constexpr int kMaxTimeout = 3600, kMaxHold = 86400;  // seconds
constexpr int kMaxCount = 1'000'000, kMaxParallel = 1000;
constexpr std::size_t kMaxPassword = 1024;  // bytes; RDP carries at most 255 characters

bool parse_number(std::string_view text, int& out) {
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end == text.data() + text.size();
}

Result<> parse_size(const std::string& text, rdp::ConnectorOptions& out) {
  int width = 0, height = 0;
  auto x = text.find('x');
  bool good = x != text.npos && parse_number(std::string_view(text).substr(0, x), width) &&
              parse_number(std::string_view(text).substr(x + 1), height);
  good = good && std::min(width, height) >= kMinDesktop && std::max(width, height) <= kMaxDesktop;
  if (!good) {
    return fail(ErrorCode::kUsage, "--size '{}' is not WIDTHxHEIGHT with {} to {} pixels each way", text,
                kMinDesktop, kMaxDesktop);
  }
  out.width = static_cast<std::uint16_t>(width);
  out.height = static_cast<std::uint16_t>(height);
  return {};
}

Result<Goal> parse_goal(const std::string& text) {
  if (text == "connect") return Goal::kConnect;
  if (text == "logon") return Goal::kLogon;
  if (text == "picture") return Goal::kPicture;
  return fail(ErrorCode::kUsage, "--until '{}' is none of connect, logon, picture", text);
}

Result<> check_range(const char* option, int value, int least, int most) {
  if (value >= least && value <= most) return {};
  return fail(ErrorCode::kUsage, "{} {} is not between {} and {}", option, value, least, most);
}

Result<> check_together(const Arguments& arguments, Goal goal) {
  bool password = arguments.password_stdin || !arguments.password_file.empty();
  if (arguments.password_stdin && !arguments.password_file.empty())
    return fail(ErrorCode::kUsage, "give one of --password-stdin and --password-file, not both");
  if (password && arguments.user.empty()) return fail(ErrorCode::kUsage, "a password needs a --user");
  if (goal == Goal::kLogon && !password)
    return fail(ErrorCode::kUsage, "--until logon needs --user and --password-stdin or --password-file");
  if (!arguments.cookie.empty() && !arguments.routing_token.empty())
    return fail(ErrorCode::kUsage, "give one of --cookie and --routing-token, not both");
  if (goal == Goal::kConnect && arguments.hold != 0)
    return fail(ErrorCode::kUsage, "--hold needs --until logon or --until picture");
  if (arguments.screenshot.empty()) return {};
  if (goal != Goal::kPicture) return fail(ErrorCode::kUsage, "--screenshot needs --until picture");
  if (arguments.count != 1)
    return fail(ErrorCode::kUsage, "--screenshot is of one connection: leave --count out");
  return {};
}

}  // namespace

Result<Plan> make_plan(const Arguments& arguments) {
  Plan plan;
  TS_TRY_ASSIGN(plan.server, net::parse_host_port(arguments.server, "3389"));
  TS_TRY_ASSIGN(plan.goal, parse_goal(arguments.until));
  TS_TRY(check_together(arguments, plan.goal));
  TS_TRY(parse_size(arguments.size, plan.connector));
  constexpr std::array kDepths{8, 15, 16, 24, 32};
  if (std::ranges::find(kDepths, arguments.depth) == kDepths.end())
    return fail(ErrorCode::kUsage, "--depth {} is none of 8, 15, 16, 24, 32", arguments.depth);
  TS_TRY(check_range("--timeout", arguments.timeout, 1, kMaxTimeout));
  TS_TRY(check_range("--hold", arguments.hold, 0, kMaxHold));
  TS_TRY(check_range("--count", arguments.count, 1, kMaxCount));
  TS_TRY(check_range("--parallel", arguments.parallel, 1, kMaxParallel));
  plan.connector.depth = static_cast<std::uint16_t>(arguments.depth);
  plan.connector.client_name = arguments.client_name;
  plan.connector.routing_token = arguments.routing_token;
  // As clients do: the cookie names the user, so that a load balancer finds the server of their session.
  if (arguments.routing_token.empty())
    plan.connector.cookie_user = arguments.cookie.empty() ? arguments.user : arguments.cookie;
  TS_TRY(rdp::check_cookie(plan.connector.cookie_user));
  TS_TRY(rdp::check_cookie(plan.connector.routing_token));
  plan.user = arguments.user;
  plan.domain = arguments.domain;
  plan.timeout = std::chrono::seconds(arguments.timeout);
  plan.hold = std::chrono::seconds(arguments.hold);
  plan.verify = arguments.verify;
  plan.screenshot = arguments.screenshot;
  plan.count = arguments.count;
  plan.parallel = std::min(arguments.parallel, arguments.count);
  plan.json = arguments.json;
  return plan;
}

Result<rdp::Secret> read_password(const Arguments& arguments) {
  if (!arguments.password_stdin && arguments.password_file.empty()) return rdp::Secret();
  UniqueFd file;
  if (!arguments.password_stdin) {
    file.reset(::open(arguments.password_file.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file) return fail_errno(fmt::format("cannot read the password file '{}'", arguments.password_file));
  }
  int fd = arguments.password_stdin ? STDIN_FILENO : file.get();
  std::string text(kMaxPassword, '\0');
  std::size_t size = 0;
  while (size < text.size() && text.find('\n') >= size) {
    ssize_t got = ::read(fd, text.data() + size, text.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail_errno("reading the password");
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  std::size_t end = std::min(text.find('\n'), size);
  if (end > 0 && text[end - 1] == '\r') --end;
  wipe(text.data() + end, text.size() - end);
  text.resize(end);
  if (text.empty()) return fail(ErrorCode::kUsage, "the password is empty: its first line is what counts");
  return rdp::Secret(std::move(text));
}

}  // namespace ts::probe
