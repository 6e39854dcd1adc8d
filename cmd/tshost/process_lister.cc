#include "cmd/tshost/process_lister.h"

#include <unistd.h>

#include <set>

#include "lib/os/process_info.h"

namespace ts::host {
namespace {

constexpr std::chrono::milliseconds kTick{5};

}  // namespace

ProcessLister::ProcessLister(net::Loop& loop, Handlers handlers)
    : handlers_(std::move(handlers)), tick_(loop, [this] { look(); }) {}

void ProcessLister::list(std::uint32_t request) {
  page_ = {};
  page_.request = request;
  if (stopped_) {
    page_.complete = 0;
    return send(true);
  }
  // Not by the marks in environments, which all processes of the system would have to be looked at for.
  auto found = os::descendants(::getpid(), session::kMaxProcesses + 1);
  std::set<pid_t> pids(found.begin(), found.end());
  for (pid_t pid : handlers_.in_groups()) pids.insert(pid);
  if (auto reader = scan_ ? scan_->reader() : std::nullopt) pids.erase(*reader);
  std::vector<pid_t> listed(pids.begin(), pids.end());
  if (listed.size() > session::kMaxProcesses) {
    page_.complete = 0;
    listed.resize(session::kMaxProcesses);
  }
  scan_.emplace(std::move(listed));
  tick_.start(kTick);
}

void ProcessLister::stop() {
  stopped_ = true;
  if (!scan_) return;
  scan_.reset();
  tick_.stop();
  page_.complete = 0;
  send(true);
}

void ProcessLister::look() {
  std::vector<os::ProcessInfo> found;
  bool done = scan_->look(found);
  for (const auto& info : found) add(info);
  if (!done) return tick_.start(kTick);
  scan_.reset();
  send(true);
}

void ProcessLister::add(const os::ProcessInfo& info) {
  if (page_.count == page_.entries.size()) send(false);
  auto& entry = page_.entries[page_.count++];
  entry.pid = info.pid;
  entry.uid = info.uid;
  entry.cpu_ms = static_cast<std::uint64_t>(info.cpu_time.count());
  if (info.memory) {
    entry.has_memory = 1;
    entry.resident = info.memory->resident;
    entry.proportional = info.memory->proportional;
    entry.shared = info.memory->shared;
    entry.alone = info.memory->alone;
  }
  entry.name.assign(info.name);
  entry.command.assign(info.command);
}

void ProcessLister::send(bool last) {
  page_.last = last ? 1 : 0;
  handlers_.on_page(page_);
  page_.entries = {};
  page_.count = 0;
}

}  // namespace ts::host
