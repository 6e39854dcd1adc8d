#include "lib/os/process_tree.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <map>
#include <memory>
#include <set>
#include <string_view>

#include "lib/base/unique_fd.h"

namespace ts::os {
namespace {

constexpr std::size_t kMaxProcFile = 4
                                     << 20;  // bytes; an environment is bounded by the stack limit's quarter

struct CloseFolder {
  void operator()(DIR* folder) const { ::closedir(folder); }
};

std::string read_proc(pid_t pid, const char* name) {
  std::string out;
  UniqueFd fd(::open(fmt::format("/proc/{}/{}", pid, name).c_str(), O_RDONLY | O_CLOEXEC));
  char buffer[8192];
  while (fd && out.size() < kMaxProcFile) {
    ssize_t size = ::read(fd.get(), buffer, sizeof buffer);
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) break;
    out.append(buffer, static_cast<std::size_t>(size));
  }
  return out;
}

std::vector<pid_t> all_processes() {
  std::vector<pid_t> out;
  std::unique_ptr<DIR, CloseFolder> folder(::opendir("/proc"));
  while (dirent* entry = folder ? ::readdir(folder.get()) : nullptr) {
    pid_t pid = 0;
    const char* end = entry->d_name + std::strlen(entry->d_name);
    auto [stop, error] = std::from_chars(entry->d_name, end, pid);
    if (error == std::errc() && stop == end) out.push_back(pid);
  }
  return out;
}

constexpr unsigned kExiting = 0x4;  // PF_EXITING of Linux' include/linux/sched.h

struct Process {
  pid_t parent = 0;
  char state = 'X';
  unsigned flags = 0;
  bool alive() const { return state != 'Z' && state != 'X'; }
};

/// From /proc/PID/stat: "PID (NAME) STATE PPID PGRP SESSION TTY TPGID FLAGS ..."; the name may hold anything, so
/// from the last parenthesis on.
Process process_of(pid_t pid) {
  Process out;
  std::string text = read_proc(pid, "stat");
  auto close = text.rfind(')');
  if (close == std::string::npos ||
      std::sscanf(text.c_str() + close + 1, " %c %d %*d %*d %*d %*d %u", &out.state, &out.parent,
                  &out.flags) != 3) {
    out.state = 'X';
  }
  return out;
}

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

}  // namespace

bool environment_has(pid_t pid, const std::vector<std::string>& variables) {
  std::string text = read_proc(pid, "environ");
  std::set<std::string_view> found;
  std::string_view left = text;
  while (!left.empty()) {
    auto end = left.find('\0');
    found.insert(left.substr(0, end));
    left = end == std::string_view::npos ? std::string_view() : left.substr(end + 1);
  }
  return std::all_of(variables.begin(), variables.end(),
                     [&](const std::string& v) { return found.count(v) != 0; });
}

std::vector<pid_t> ProcessTree::members(const std::vector<pid_t>& except) const {
  Processes processes;
  for (pid_t pid : all_processes()) {
    if (Process process = process_of(pid); process.state != 'X') processes[pid] = process;
  }
  std::set<pid_t> excluded(except.begin(), except.end());
  add_descendants(processes, excluded, {});
  std::set<pid_t> found{root_};
  add_descendants(processes, found, excluded);
  found.erase(root_);
  for (auto& [pid, process] : processes) {
    if (!marks_.empty() && found.count(pid) == 0 && environment_has(pid, marks_)) found.insert(pid);
  }
  for (const auto& cgroup : cgroups_) {
    for (pid_t pid : cgroup.processes()) found.insert(pid);
  }
  found.erase(root_);
  found.erase(::getpid());
  std::vector<pid_t> out;
  for (pid_t pid : found) {
    auto process = processes.find(pid);
    bool alive = process == processes.end() || process->second.alive();
    if (alive && excluded.count(pid) == 0) out.push_back(pid);
  }
  return out;
}

std::size_t ProcessTree::kill_all(const std::vector<pid_t>& except) const {
  auto pids = members(except);
  for (const auto& group : cgroups_) group.kill();
  for (pid_t pid : pids) ::kill(pid, SIGKILL);
  return pids.size();
}

std::size_t ProcessTree::signal(int number, const std::vector<pid_t>& except) const {
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
  for (pid_t pid : all_processes()) {
    std::string text = read_proc(pid, "status");
    auto at = text.find("\nUid:");
    unsigned real = 0, effective = 0, saved = 0, files = 0;
    if (at == std::string::npos ||
        std::sscanf(text.c_str() + at, "\nUid: %u %u %u %u", &real, &effective, &saved, &files) != 4) {
      continue;
    }
    if (real == uid || effective == uid || saved == uid || files == uid) return true;
  }
  return false;
}

}  // namespace ts::os
