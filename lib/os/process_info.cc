#include "lib/os/process_info.h"

#include <dirent.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <memory>
#include <set>
#include <string_view>

#include "lib/os/proc.h"

namespace ts::os {
namespace {

constexpr std::size_t kMaxFile = 64 * 1024;  // bytes; a list of children may be long, nothing else here is

/// The numbers of a text, up to `count` of them from the field `first` on; fields are separated by blanks.
std::vector<std::uint64_t> numbers_in(std::string_view text, std::size_t first, std::size_t count) {
  std::vector<std::uint64_t> out;
  for (std::size_t field = 0; !text.empty() && out.size() < count; ++field) {
    auto end = std::min(text.find_first_of(" \t\n"), text.size());
    std::uint64_t value = 0;
    if (field >= first) {
      if (std::from_chars(text.data(), text.data() + end, value).ptr != text.data() + end) break;
      out.push_back(value);
    }
    text.remove_prefix(std::min(text.size(), end + 1));
  }
  return out;
}

/// Bytes of all lines "NAME:   123 kB" whose name begins so.
std::uint64_t bytes_of(std::string_view rollup, std::string_view name) {
  std::uint64_t kib = 0;
  while (!rollup.empty()) {
    auto line = rollup.substr(0, rollup.find('\n'));
    rollup.remove_prefix(std::min(rollup.size(), line.size() + 1));
    if (!line.starts_with(name)) continue;
    auto digits =
        line.find_first_of("0123456789", line.find(':') == std::string_view::npos ? 0 : line.find(':'));
    std::uint64_t value = 0;
    if (digits != std::string_view::npos)
      std::from_chars(line.data() + digits, line.data() + line.size(), value);
    kib += value;
  }
  return kib * 1024;
}

std::optional<ProcessMemory> memory_of(pid_t pid) {
  std::string rollup = read_proc(pid, "smaps_rollup", kMaxFile);
  if (rollup.empty()) return std::nullopt;
  return ProcessMemory{.resident = bytes_of(rollup, "Rss:"),
                       .proportional = bytes_of(rollup, "Pss:"),
                       .shared = bytes_of(rollup, "Shared_"),
                       .alone = bytes_of(rollup, "Private_")};
}

/// Each argument ends with a NUL; what a program has made of them since may be anything.
std::string command_of(pid_t pid) {
  std::string command = read_proc(pid, "cmdline", kMaxCommand);
  while (!command.empty() && command.back() == '\0') command.pop_back();
  std::replace(command.begin(), command.end(), '\0', ' ');
  return command;
}

}  // namespace

std::optional<ProcessInfo> process_basics(pid_t pid) {
  // "PID (NAME) STATE PPID ...", proc(5): utime and stime are the fields 14 and 15; the name may hold
  // anything.
  std::string stat = read_proc(pid, "stat", kMaxFile);
  auto open = stat.find('('), close = stat.rfind(')');
  if (open == std::string::npos || close == std::string::npos || close < open || close + 2 >= stat.size())
    return std::nullopt;
  char state = stat[close + 2];
  if (state == 'Z' || state == 'X') return std::nullopt;
  auto times = numbers_in(std::string_view(stat).substr(close + 2), 11, 2);
  const auto uids = uids_of(pid);
  if (times.size() != 2 || !uids) return std::nullopt;
  ProcessInfo out;
  out.pid = pid;
  out.uid = uids->effective;
  out.name = stat.substr(open + 1, close - open - 1);
  static const auto ticks = static_cast<std::uint64_t>(std::max(1L, ::sysconf(_SC_CLK_TCK)));
  out.cpu_time = std::chrono::milliseconds((times[0] + times[1]) * 1000 / ticks);
  return out;
}

std::optional<ProcessInfo> process_info(pid_t pid) {
  auto out = process_basics(pid);
  if (!out) return out;
  out->command = command_of(pid);
  out->memory = memory_of(pid);
  return out;
}

std::vector<pid_t> descendants(pid_t root, std::size_t limit) {
  struct CloseFolder {
    void operator()(DIR* folder) const { ::closedir(folder); }
  };
  std::vector<pid_t> out{root};
  std::set<pid_t> known{root};
  for (std::size_t i = 0; i < out.size() && out.size() < limit; ++i) {
    std::string tasks = fmt::format("/proc/{}/task", out[i]);
    std::unique_ptr<DIR, CloseFolder> folder(::opendir(tasks.c_str()));
    while (dirent* entry = folder ? ::readdir(folder.get()) : nullptr) {
      if (entry->d_name[0] == '.') continue;
      auto children = read_proc(out[i], fmt::format("task/{}/children", entry->d_name).c_str(), kMaxFile);
      for (std::uint64_t child : numbers_in(children, 0, limit))
        if (out.size() < limit && known.insert(static_cast<pid_t>(child)).second)
          out.push_back(static_cast<pid_t>(child));
    }
  }
  return out;
}

}  // namespace ts::os
