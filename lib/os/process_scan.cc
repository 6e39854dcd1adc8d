#include "lib/os/process_scan.h"

#include <limits.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <span>
#include <type_traits>

#include "lib/base/log.h"

namespace ts::os {
namespace {

/// One process, over the pipe. `there` 0: it has ended.
struct Entry {
  pid_t pid = 0;
  uid_t uid = 0;
  std::uint32_t there = 0, has_memory = 0;
  std::int64_t cpu_ms = 0;
  ProcessMemory memory;
  std::uint32_t name_size = 0, command_size = 0;
  std::array<char, 64> name{};
  std::array<char, kMaxCommand> command{};
};
static_assert(std::is_trivially_copyable_v<Entry> && sizeof(Entry) <= PIPE_BUF, "entries come whole");

template <std::size_t kSize>
std::uint32_t put(std::array<char, kSize>& to, const std::string& text) {
  auto size = std::min(text.size(), to.size());
  std::memcpy(to.data(), text.data(), size);
  return static_cast<std::uint32_t>(size);
}

Entry entry_of(pid_t pid) {
  Entry entry;
  entry.pid = pid;
  auto info = process_info(pid);
  if (!info) return entry;
  entry.there = 1;
  entry.uid = info->uid;
  entry.cpu_ms = info->cpu_time.count();
  entry.has_memory = info->memory ? 1 : 0;
  entry.memory = info->memory.value_or(ProcessMemory());
  entry.name_size = put(entry.name, info->name);
  entry.command_size = put(entry.command, info->command);
  return entry;
}

ProcessInfo info_of(const Entry& entry) {
  ProcessInfo info;
  info.pid = entry.pid;
  info.uid = entry.uid;
  info.name.assign(entry.name.data(), entry.name_size);
  info.command.assign(entry.command.data(), entry.command_size);
  info.cpu_time = std::chrono::milliseconds(entry.cpu_ms);
  if (entry.has_memory != 0) info.memory = entry.memory;
  return info;
}

void read_all(std::span<const pid_t> pids, int out) {
  for (pid_t pid : pids) {
    Entry entry = entry_of(pid);
    if (::write(out, &entry, sizeof entry) != sizeof entry) return;
  }
}

}  // namespace

ProcessScan::ProcessScan(std::vector<pid_t> pids, Patience patience)
    : pids_(std::move(pids)), patience_(patience), began_at_(Clock::now()) {
  read_on();
}

/// From `next_` on; without a child, the rest is told as far as that needs none.
void ProcessScan::read_on() {
  child_.reset();
  heard_at_ = Clock::now();
  if (next_ == pids_.size()) return;
  auto started = ReaderChild::start([this](int pipe) { read_all(std::span(pids_).subspan(next_), pipe); });
  if (started) {
    child_.emplace(std::move(*started));
  } else {
    log::warning("Going without the arguments and the memory of processes: {}", started.error().message);
  }
}

void ProcessScan::skip(std::vector<ProcessInfo>& out) {
  if (auto info = process_basics(pids_[next_++])) out.push_back(std::move(*info));
}

/// False: nothing has come, and the child still reads.
bool ProcessScan::take(std::vector<ProcessInfo>& out) {
  std::array<Entry, 8> some{};
  for (;;) {
    ssize_t size = ::read(child_->fd(), some.data(), sizeof some);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0 && errno == EAGAIN) return false;
    if (size <= 0) return true;
    heard_at_ = Clock::now();
    for (const auto& entry : std::span(some).first(static_cast<std::size_t>(size) / sizeof(Entry))) {
      if (entry.there != 0) out.push_back(info_of(entry));
      ++next_;
    }
  }
}

bool ProcessScan::look(std::vector<ProcessInfo>& out) {
  while (child_) {
    bool ended = take(out);
    if (next_ == pids_.size()) break;
    auto now = Clock::now();
    if (now - began_at_ >= patience_.all) break;
    if (!ended && now - heard_at_ < patience_.one) return false;
    // It is stuck, or somebody has killed it.
    skip(out);
    read_on();
  }
  child_.reset();
  while (next_ < pids_.size()) skip(out);
  return true;
}

std::optional<pid_t> ProcessScan::reader() const {
  if (!child_) return std::nullopt;
  return child_->pid();
}

}  // namespace ts::os
