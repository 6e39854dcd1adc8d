// How much memory there is for more: of the machine, and of the control groups that we are in.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace ts::os {

/// Bytes that could still be taken without swapping (MemAvailable of /proc/meminfo), or what a control group
/// with a limit (cgroup2, memory.max) that holds us has left, if that is less. Nothing where the system does
/// not say.
std::optional<std::uint64_t> available_memory();

/// What `text`, the content of /proc/meminfo, says of MemAvailable, in bytes.
std::optional<std::uint64_t> memory_available_in(std::string_view text);

/// What a group has left: `max` and `current` as in memory.max and memory.current, `stat` as in memory.stat,
/// whose inactive_file can be taken back at any time. Nothing when it has no limit.
std::optional<std::uint64_t> memory_left_in_group(std::string_view max, std::string_view current,
                                                  std::string_view stat);

}  // namespace ts::os
