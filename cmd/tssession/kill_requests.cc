#include "cmd/tssession/kill_requests.h"

#include <nlohmann/json.hpp>

#include "lib/base/log.h"

namespace ts::tssession {
namespace {

/// A host looks through all processes of the machine; one that takes longer hangs.
constexpr std::chrono::seconds kHostTime{5};

std::string name_of(const varlink::Call& call, const session::SignalProcesses& message) {
  if (message.pid > 0) return fmt::format("process {}", message.pid);
  return fmt::format("process '{}' in session {}", log::escaped(message.name.view()),
                     call.parameters().at("id").dump());
}

}  // namespace

KillRequests::KillRequests(net::Loop& loop, const session::SessionTable& table, Send send)
    : table_(table), send_(std::move(send)), late_(loop, [this] { end_late(); }) {}

void KillRequests::start(std::shared_ptr<varlink::Call> call, std::set<session::SessionId> sessions,
                         session::SignalProcesses message) {
  forget_gone_callers();
  const auto number = message.request = ++last_;
  Request& request = requests_[number];
  request.call = std::move(call);
  request.message = message;
  request.what = name_of(*request.call, message);
  request.deadline = net::Clock::now() + kHostTime;
  request.waiting = sessions;
  for (auto id : sessions) hosts_[id].next.push_back(number);
  for (auto id : sessions) ask_next(id);
  if (auto entry = requests_.find(number); entry->second.waiting.empty()) return finish(entry);
  if (!late_.active()) late_.start(kHostTime);
}

/// Who asks and goes, over and over, leaves nothing behind.
void KillRequests::forget_gone_callers() {
  std::erase_if(requests_, [](const auto& entry) { return !entry.second.call->open(); });
  for (auto& [id, host] : hosts_)
    std::erase_if(host.next, [this](std::uint32_t number) { return !requests_.contains(number); });
}

void KillRequests::ask_next(session::SessionId id) {
  auto found = hosts_.find(id);
  if (found == hosts_.end()) return;
  Host& host = found->second;
  while (host.asked == 0 && !host.next.empty()) {
    auto entry = requests_.find(host.next.front());
    host.next.pop_front();
    if (entry == requests_.end() || !entry->second.call->open()) continue;
    if (send_(id, entry->second.message))
      host.asked = entry->first;
    else
      entry->second.waiting.erase(id);  // its deadline answers it, if nobody else does
  }
  if (host.asked == 0) hosts_.erase(found);
}

void KillRequests::answered(session::SessionId id, const session::ProcessesSignalled& answer) {
  auto host = hosts_.find(id);
  if (host == hosts_.end() || host->second.asked != answer.request) return;
  host->second.asked = 0;
  if (auto entry = requests_.find(answer.request);
      entry != requests_.end() && entry->second.waiting.erase(id) > 0) {
    entry->second.found += answer.found;
    entry->second.signalled += answer.signalled;
    if (entry->second.waiting.empty()) finish(entry);
  }
  ask_next(id);
}

void KillRequests::update() {
  std::erase_if(hosts_, [&](const auto& entry) { return table_.find(entry.first) == nullptr; });
  for (auto entry = requests_.begin(); entry != requests_.end();) {
    auto at = entry++;
    std::erase_if(at->second.waiting, [&](session::SessionId id) { return table_.find(id) == nullptr; });
    if (at->second.waiting.empty()) finish(at);
  }
}

void KillRequests::finish(Entry entry) {
  Request request = std::move(entry->second);
  requests_.erase(entry);
  if (!request.call->open()) return;
  if (request.signalled > 0) {
    (void)request.call->reply({{"processes", request.signalled}});
  } else if (request.found > 0) {
    (void)request.call->error("NotPermitted", {{"message", request.what + " is not yours"}});
  } else if (!request.waiting.empty()) {
    (void)request.call->error(
        "NoAnswer",
        {{"message", fmt::format("{} was not found, and the host of session {} does not answer; "
                                 "'tsctl reset {}' ends that session",
                                 request.what, *request.waiting.begin(), *request.waiting.begin())}});
  } else {
    (void)request.call->error(
        "NoSuchProcess", {{"message", request.what + " does not exist, or belongs to no session of yours"}});
  }
}

void KillRequests::end_late() {
  auto now = net::Clock::now();
  for (auto entry = requests_.begin(); entry != requests_.end();) {
    auto at = entry++;
    if (at->second.deadline <= now) finish(at);
  }
  // In the order of their deadlines, because of their numbers.
  if (!requests_.empty())
    late_.start(std::chrono::ceil<std::chrono::milliseconds>(requests_.begin()->second.deadline - now));
}

}  // namespace ts::tssession
