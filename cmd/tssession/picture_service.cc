#include "cmd/tssession/picture_service.h"

#include <fcntl.h>

#include <nlohmann/json.hpp>

#include "lib/base/log.h"

namespace ts::tssession {
namespace {

using nlohmann::json;
using session::SessionId;
using Calls = std::vector<std::shared_ptr<varlink::Call>>;

constexpr std::chrono::seconds kPatience{10};  // for a display and its host to answer
constexpr std::chrono::milliseconds kTick{500};

void refuse(const Calls& calls, const char* error, const std::string& message) {
  for (const auto& call : calls) (void)call->error(error, {{"message", message}});
}

void hand_out(const Calls& calls, const session::PictureTaken& picture, const UniqueFd& file) {
  const json reply{{"width", picture.width},
                   {"height", picture.height},
                   {"offset", picture.offset},
                   {"stride", picture.stride},
                   {"format", "bgrx"}};
  for (const auto& call : calls) {
    UniqueFd own(::fcntl(file.get(), F_DUPFD_CLOEXEC, 0));
    if (own)
      (void)call->reply(reply, std::move(own));
    else
      refuse({call}, "NotPossible", "the session manager has no descriptor left; try again");
  }
}

}  // namespace

PictureService::PictureService(net::Loop& loop, Ask ask)
    : ask_(std::move(ask)), late_(loop, [this] { give_up(); }) {}

void PictureService::take(const std::shared_ptr<varlink::Call>& call, SessionId id) {
  waiting_[id].next.push_back(call);
  if (waiting_[id].calls.empty()) start(id);
}

void PictureService::start(SessionId id) {
  auto& waiting = waiting_[id];
  waiting.calls = std::exchange(waiting.next, {});
  std::erase_if(waiting.calls, [](const auto& call) { return !call->open(); });
  if (waiting.calls.empty()) {
    waiting_.erase(id);
    return;
  }
  waiting.request = ++last_request_;
  waiting.deadline = net::Clock::now() + kPatience;
  session::TakePicture message;
  message.request = waiting.request;
  if (!ask_(id, message)) return host_gone(id);
  if (!late_.active()) late_.start(kTick);
}

void PictureService::taken(SessionId id, const session::PictureTaken& picture, std::vector<UniqueFd> fds) {
  auto found = waiting_.find(id);
  if (found == waiting_.end() || found->second.request != picture.request) return;
  auto calls = std::exchange(found->second.calls, {});
  if (fds.size() == 1)
    hand_out(calls, picture, fds[0]);
  else
    refuse(calls, "NotPossible",
           fmt::format("session {} cannot be shown now: {}", id, log::escaped(picture.message.view())));
  start(id);
}

void PictureService::host_gone(SessionId id) {
  auto entry = waiting_.extract(id);
  if (entry.empty()) return;
  for (const auto* calls : {&entry.mapped().calls, &entry.mapped().next})
    for (const auto& call : *calls) (void)call->error("NoSuchSession", {{"id", id}});
}

void PictureService::give_up() {
  std::vector<SessionId> late;
  for (const auto& [id, waiting] : waiting_)
    if (net::Clock::now() >= waiting.deadline) late.push_back(id);
  for (SessionId id : late) {
    refuse(
        std::exchange(waiting_[id].calls, {}), "NoAnswer",
        fmt::format("the display of session {} does not answer; 'tsctl reset {}' ends that session", id, id));
    start(id);
  }
  if (!waiting_.empty()) late_.start(kTick);
}

}  // namespace ts::tssession
