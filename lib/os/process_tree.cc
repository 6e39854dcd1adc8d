#include "lib/os/process_tree.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <set>

#include "lib/base/log.h"
#include "lib/os/proc.h"

namespace ts::os {
namespace {

constexpr unsigned kExiting = 0x4;  // PF_EXITING of Linux' include/linux/sched.h
/// How long chains of forks are hunted at a stretch, and how long nothing new means that there is none.
constexpr std::chrono::milliseconds kHunt{5};
constexpr std::chrono::microseconds kCaught{500};

using Processes = std::map<pid_t, Process>;

/// Adds the descendants of what is in `set`, not going into `barred`.
void add_descendants(const Processes& processes, std::set<pid_t>& set, const std::set<pid_t>& barred) {
  // A parent may have a higher number than its child: until nothing is added.
  for (bool grew = true; grew;) {
    grew = false;
    for (auto& [pid, process] : processes) {
      if (set.count(process.parent) == 0 || barred.count(pid) != 0) continue;
      grew = set.insert(pid).second || grew;
    }
  }
}

/// A child of ours has ended and was not waited for yet.
bool child_waits() {
  siginfo_t info{};
  return ::waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT | __WALL) == 0 && info.si_pid != 0;
}

}  // namespace

std::optional<pid_t> ProcessTree::scanner() const {
  return scan_ ? std::optional(scan_->pid()) : std::nullopt;
}

void ProcessTree::take_scan() {
  if (!scan_) return;
  auto state = scan_->look();
  if (state == MarkScan::State::kRunning) return;
  if (state == MarkScan::State::kLate) {
    log::warning(
        "Not all processes could be looked at for a session's mark: somebody keeps theirs from being read");
  }
  marked_ = scan_->found();
  scan_.reset();
}

void ProcessTree::scan_when_due(bool nobody_seen) {
  // Once at the first look, and then when everybody else is gone.
  if (marks_.empty() || !cgroups_.empty() || scan_ || !scan_due_ || (scanned_ && !nobody_seen)) return;
  scanned_ = true;
  scan_due_ = false;
  auto started = MarkScan::start(marks_);
  if (started) {
    scan_.emplace(std::move(*started));
  } else {
    log::warning("Going without looking for a session's mark: {}", started.error().message);
  }
}

ProcessTree::Look ProcessTree::look(const std::vector<pid_t>& except) {
  take_scan();
  Processes processes;
  for (pid_t pid : all_processes()) {
    if (Process process = process_of(pid); process.state != 'X') processes[pid] = process;
  }
  std::set<pid_t> excluded(except.begin(), except.end());
  if (scan_) excluded.insert(scan_->pid());
  add_descendants(processes, excluded, {});
  std::set<pid_t> found{root_};
  add_descendants(processes, found, excluded);
  for (const auto& mark : marked_) {
    auto process = processes.find(mark.pid);
    if (process != processes.end() && process->second.began == mark.began) found.insert(mark.pid);
  }
  for (const auto& cgroup : cgroups_) {
    for (pid_t pid : cgroup.processes()) found.insert(pid);
  }
  found.erase(root_);
  found.erase(::getpid());
  Look out;
  for (pid_t pid : found) {
    auto process = processes.find(pid);
    bool alive = process == processes.end() || process->second.alive();
    if (alive && excluded.count(pid) == 0) out.left.push_back(pid);
  }
  const bool proven = out.left.empty() && (root_ != ::getpid() || !child_waits());
  scan_when_due(proven);
  if (!out.left.empty()) scan_due_ = true;
  out.nothing_left = proven && !scan_;
  return out;
}

std::vector<pid_t> ProcessTree::in_groups() const {
  std::vector<pid_t> out;
  for (const auto& group : cgroups_)
    for (pid_t pid : group.processes()) out.push_back(pid);
  return out;
}

/// Each link of a chain forks the next and ends. Whatever its parent was, the link that lives is a child of
/// ours in between, and asking for our children takes less time than to fork.
void ProcessTree::kill_chains(const std::vector<pid_t>& except) const {
  auto now = std::chrono::steady_clock::now();
  auto caught_at = now + kCaught;
  std::set<pid_t> seen;
  for (auto until = now + kHunt; now < until && now < caught_at; now = std::chrono::steady_clock::now()) {
    for (pid_t pid : own_children()) {
      if (std::find(except.begin(), except.end(), pid) != except.end() || pid == scanner()) continue;
      if (!seen.insert(pid).second) continue;
      ::kill(pid, SIGKILL);
      caught_at = std::chrono::steady_clock::now() + kCaught;
    }
  }
}

std::size_t ProcessTree::kill_all(const std::vector<pid_t>& except) {
  auto pids = members(except);
  for (const auto& group : cgroups_) group.kill();
  for (pid_t pid : pids) ::kill(pid, SIGKILL);
  if (cgroups_.empty() && root_ == ::getpid()) kill_chains(except);
  return pids.size();
}

std::size_t ProcessTree::signal(int number, const std::vector<pid_t>& except) {
  if (number == SIGKILL) return kill_all(except);
  auto pids = members(except);
  for (pid_t pid : pids) {
    ::kill(pid, number);
    // A stopped process gets its TERM only when it goes on.
    if (number == SIGTERM) ::kill(pid, SIGCONT);
  }
  return pids.size();
}

bool is_exiting(pid_t pid) {
  Process process = process_of(pid);
  return !process.alive() || (process.flags & kExiting) != 0;
}

bool uid_in_use(uid_t uid) {
  return std::ranges::any_of(all_processes(), [uid](pid_t pid) {
    const auto uids = uids_of(pid);
    return uids && uids->has(uid);
  });
}

}  // namespace ts::os
