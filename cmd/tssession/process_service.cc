#include "cmd/tssession/process_service.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace ts::tssession {
namespace {

using nlohmann::json;
using session::ProcessEntry;
using session::ProcessPage;
using session::SessionId;

constexpr std::chrono::seconds kPatience{10};  // for a host to list a session's processes
constexpr std::chrono::milliseconds kTick{500};

json memory_json(const ProcessEntry& entry) {
  if (entry.has_memory == 0) return nullptr;
  return {{"resident_bytes", entry.resident},
          {"proportional_bytes", entry.proportional},
          {"shared_bytes", entry.shared},
          {"private_bytes", entry.alone}};
}

json page_json(const ProcessPage& page) {
  json processes = json::array();
  auto count = std::min<std::size_t>(page.count, page.entries.size());
  for (const auto& entry : std::span(page.entries).first(count))
    processes.push_back({{"pid", entry.pid},
                         {"uid", entry.uid},
                         {"name", entry.name.str()},
                         {"command", entry.command.str()},
                         {"cpu_seconds", static_cast<double>(entry.cpu_ms) / 1000},
                         {"memory", memory_json(entry)}});
  return {{"processes", processes}, {"complete", page.complete != 0}};
}

}  // namespace

ProcessService::ProcessService(net::Loop& loop, Ask ask)
    : ask_(std::move(ask)), late_(loop, [this] { give_up(); }) {}

void ProcessService::list(const std::shared_ptr<varlink::Call>& call, SessionId id) {
  if (!call->more()) {
    (void)call->error("NotPermitted", {{"message", "Processes is called with 'more'"}});
    return;
  }
  listings_[id].next.push_back(call);
  if (listings_[id].calls.empty()) start(id);
}

void ProcessService::start(SessionId id) {
  auto& listing = listings_[id];
  listing.calls = std::exchange(listing.next, {});
  std::erase_if(listing.calls, [](const auto& call) { return !call->open(); });
  if (listing.calls.empty()) {
    listings_.erase(id);
    return;
  }
  listing.request = ++last_request_;
  listing.deadline = net::Clock::now() + kPatience;
  session::ListProcesses message;
  message.request = listing.request;
  if (!ask_(id, message)) return host_gone(id);
  if (!late_.active()) late_.start(kTick);
}

void ProcessService::on_page(SessionId id, const ProcessPage& page) {
  auto found = listings_.find(id);
  if (found == listings_.end() || found->second.request != page.request) return;
  if (page.last != 0) return finish(id, page);
  json reply = page_json(page);
  for (const auto& call : found->second.calls) (void)call->reply_continues(reply);
}

void ProcessService::finish(SessionId id, const ProcessPage& page) {
  auto calls = std::exchange(listings_[id].calls, {});
  json reply = page_json(page);
  for (const auto& call : calls) (void)call->reply(reply);
  start(id);
}

void ProcessService::host_gone(SessionId id) {
  auto entry = listings_.extract(id);
  if (entry.empty()) return;
  for (const auto* calls : {&entry.mapped().calls, &entry.mapped().next})
    for (const auto& call : *calls) (void)call->error("NoSuchSession", {{"id", id}});
}

/// Hosts that do not answer: what has come of them is all there is.
void ProcessService::give_up() {
  std::vector<SessionId> late;
  for (const auto& [id, listing] : listings_)
    if (net::Clock::now() >= listing.deadline) late.push_back(id);
  ProcessPage nothing;
  nothing.complete = 0;
  for (SessionId id : late) finish(id, nothing);
  if (!listings_.empty()) late_.start(kTick);
}

}  // namespace ts::tssession
