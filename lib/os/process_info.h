// What /proc tells of one process: whose it is, what it runs, its processor time and its memory, told apart
// into what it has alone and what it shares (smaps_rollup). Arguments and memory take as long to read as the
// process likes (proc.h): a daemon leaves them to a child (process_scan.h). Names and arguments are the
// process's own words.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ts::os {

struct ProcessMemory {
  std::uint64_t resident = 0;      // bytes, as all the others
  std::uint64_t proportional = 0;  // each shared page counted as its part of those that share it (PSS)
  std::uint64_t shared = 0;        // pages that others have mapped, too
  std::uint64_t alone = 0;         // private pages
};

struct ProcessInfo {
  pid_t pid = 0;
  uid_t uid = 0;        // effective
  std::string name;     // at most 15 bytes
  std::string command;  // arguments with blanks between them, at most kMaxCommand bytes; empty: it has none
  std::chrono::milliseconds cpu_time{};
  std::optional<ProcessMemory> memory;  // empty: we may not look, or it has none
};
inline constexpr std::size_t kMaxCommand = 255;

/// Nothing when there is no such process (any more), or only a zombie. May block.
std::optional<ProcessInfo> process_info(pid_t pid);
/// The same without arguments and memory. Never waits for the process.
std::optional<ProcessInfo> process_basics(pid_t pid);

/// The process and all that descend from it, as the kernel lists children: one that forks meanwhile may be
/// missed. At most `limit`.
std::vector<pid_t> descendants(pid_t root, std::size_t limit);

}  // namespace ts::os
