#include "cmd/tssession/message_service.h"

#include <algorithm>
#include <ctime>
#include <nlohmann/json.hpp>

#include "lib/base/log.h"
#include "lib/base/random.h"
#include "lib/os/users.h"

namespace ts::tssession {
namespace {

using nlohmann::json;
using session::BoxEnded;
using session::SessionId;

constexpr std::chrono::seconds kPatience{15};  // for a box to come up; hosts give up earlier
constexpr std::chrono::milliseconds kTick{500};

/// Hosts keep boxes over our restart: none of theirs may be one of ours.
std::uint32_t random_number() {
  std::uint32_t out = 0;
  fill_random(std::as_writable_bytes(std::span(&out, 1)));
  return out;
}

/// In UTF-8, which all text of a call is.
std::size_t characters(const std::string& text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

Result<> check_text(std::string_view what, const std::string& text, std::size_t most) {
  if (auto count = characters(text); count > most)
    return fail(ErrorCode::kRefused, "{} has {} characters; {} is the most that is shown", what, count, most);
  if (text.find('\0') != std::string::npos)
    return fail(ErrorCode::kRefused, "{} has a NUL character in it", what);
  return {};
}

/// Who writes, as the kernel and the user database say.
std::string sender_of(const varlink::Call& call) {
  auto user = os::user_by_uid(call.peer().uid);
  return user ? user->name : fmt::format("{}", call.peer().uid);
}

Result<session::ShowBox> box_of(const varlink::Call& call) {
  const json& said = call.parameters();
  auto title = said.at("title").get<std::string>(), text = said.at("text").get<std::string>();
  auto seconds = said.at("seconds").get<std::int64_t>();
  TS_TRY(check_text("the title", title, session::kMostBoxTitle));
  TS_TRY(check_text("the text", text, session::kMostBoxText));
  if (text.find_first_not_of(" \t\r\n") == std::string::npos)
    return fail(ErrorCode::kRefused, "the text is empty");
  if (seconds < 0 || seconds > session::kMostBoxSeconds)
    return fail(ErrorCode::kRefused, "{} seconds are not between 0 and {}", seconds,
                session::kMostBoxSeconds);
  session::ShowBox out;
  out.buttons =
      session::buttons_named(said.at("buttons").get<std::string>()).value_or(session::BoxButtons::kOk);
  out.seconds = static_cast<std::uint32_t>(seconds);
  out.sent = static_cast<std::int64_t>(std::time(nullptr));
  out.sender.assign(sender_of(call));
  out.title.assign(title);
  out.text.assign(text);
  return out;
}

void refuse(const std::shared_ptr<varlink::Call>& call, const char* error, const std::string& message) {
  (void)call->error(error, {{"message", message}});
}

}  // namespace

MessageService::MessageService(net::Loop& loop, Ask ask)
    : ask_(std::move(ask)),
      last_request_(random_number() & ~session::kHostsRequest),
      late_(loop, [this] { give_up(); }) {}

void MessageService::show(const std::shared_ptr<varlink::Call>& call, SessionId id) {
  auto box = box_of(*call);
  if (!box) return refuse(call, "BadMessage", box.error().message);
  // More than it would show; what its host has to be told besides must not wait behind them.
  auto coming = std::ranges::count_if(
      waiting_, [id](const auto& entry) { return entry.second.id == id && !entry.second.shown; });
  if (static_cast<std::size_t>(coming) >= 2 * session::kMostBoxes)
    return refuse(call, "NotPossible",
                  fmt::format("session {} is given {} messages already; try again", id, coming));
  last_request_ = (last_request_ + 1) & ~session::kHostsRequest;
  box->request = last_request_;
  auto& waiting = waiting_[box->request];
  waiting.call = call;
  waiting.id = id;
  waiting.wait = call->parameters().at("wait").get<bool>();
  waiting.deadline = net::Clock::now() + kPatience;
  if (!ask_(id, *box)) return host_gone(id);
  if (!late_.active()) late_.start(kTick);
}

void MessageService::shown(SessionId id, const session::BoxShown& message) {
  auto found = waiting_.find(message.request);
  if (found == waiting_.end() || found->second.id != id) return;
  found->second.shown = true;
  if (found->second.wait) return;
  (void)found->second.call->reply({{"reply", nullptr}, {"timed_out", false}});
  waiting_.erase(found);
}

void MessageService::ended(SessionId id, const BoxEnded& message) {
  auto found = waiting_.find(message.request);
  if (found == waiting_.end() || found->second.id != id) return;
  auto call = found->second.call;
  waiting_.erase(found);
  if (message.how == BoxEnded::How::kFailed)
    return refuse(call, "NotPossible",
                  fmt::format("session {} shows no message: {}", id, log::escaped(message.message.view())));
  bool answered = message.how == BoxEnded::How::kAnswered;
  (void)call->reply({{"reply", answered ? json(session::reply_name(message.reply)) : json(nullptr)},
                     {"timed_out", !answered}});
}

void MessageService::host_gone(SessionId id) {
  std::erase_if(waiting_, [id](const auto& entry) {
    if (entry.second.id != id) return false;
    refuse(entry.second.call, "NotPossible", fmt::format("session {} has ended", id));
    return true;
  });
}

void MessageService::give_up() {
  std::erase_if(waiting_, [](const auto& entry) {
    const auto& [request, waiting] = entry;
    if (waiting.shown || net::Clock::now() < waiting.deadline) return false;
    refuse(waiting.call, "NoAnswer",
           fmt::format("the host of session {} does not answer; 'tsctl reset {}' ends that session",
                       waiting.id, waiting.id));
    return true;
  });
  bool any = std::ranges::any_of(waiting_, [](const auto& entry) { return !entry.second.shown; });
  if (any) late_.start(kTick);
}

}  // namespace ts::tssession
