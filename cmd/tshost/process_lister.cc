#include "cmd/tshost/process_lister.h"

#include <unistd.h>

#include <algorithm>
#include <set>

#include "lib/os/process_info.h"

namespace ts::host {
namespace {

constexpr std::size_t kPerTurn =
    8;  // processes; each takes some tens of microseconds, a huge one milliseconds

}  // namespace

ProcessLister::ProcessLister(net::Loop& loop, Handlers handlers)
    : handlers_(std::move(handlers)), turn_(loop, [this] { go_on(); }) {}

void ProcessLister::list(std::uint32_t request) {
  // Not by the marks in environments, which all processes of the system would have to be looked at for.
  auto found = os::descendants(::getpid(), session::kMaxProcesses + 1);
  std::set<pid_t> pids(found.begin(), found.end());
  for (pid_t pid : handlers_.in_groups()) pids.insert(pid);
  left_.assign(pids.rbegin(), pids.rend());
  page_ = {};
  page_.request = request;
  if (left_.size() > session::kMaxProcesses) {
    page_.complete = 0;
    left_.erase(left_.begin(), left_.end() - session::kMaxProcesses);
  }
  turn_.start(std::chrono::milliseconds(0));
}

void ProcessLister::go_on() {
  for (std::size_t i = 0; i < kPerTurn && !left_.empty(); ++i) {
    add(left_.back());
    left_.pop_back();
  }
  if (left_.empty()) return send(true);
  turn_.start(std::chrono::milliseconds(0));
}

void ProcessLister::add(pid_t pid) {
  auto info = os::process_info(pid);
  if (!info) return;
  if (page_.count == page_.entries.size()) send(false);
  auto& entry = page_.entries[page_.count++];
  entry.pid = info->pid;
  entry.uid = info->uid;
  entry.cpu_ms = static_cast<std::uint64_t>(info->cpu_time.count());
  if (info->memory) {
    entry.has_memory = 1;
    entry.resident = info->memory->resident;
    entry.proportional = info->memory->proportional;
    entry.shared = info->memory->shared;
    entry.alone = info->memory->alone;
  }
  entry.name.assign(info->name);
  entry.command.assign(info->command);
}

void ProcessLister::send(bool last) {
  page_.last = last ? 1 : 0;
  handlers_.on_page(page_);
  page_.entries = {};
  page_.count = 0;
}

}  // namespace ts::host
