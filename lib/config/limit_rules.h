// The value of limits.accounts: a list of maps, each for some accounts.
#pragma once

#include <string>
#include <vector>

#include "lib/config/keys.h"
#include "lib/config/values.h"

namespace ts::config {

inline constexpr std::chrono::hours kLongestLimit{24 * 365};

/// [cgroup-v2] cpu.weight, and PID_MAX_LIMIT of Linux' include/linux/threads.h.
inline constexpr std::uint32_t kMostWeight = 10000;
inline constexpr std::uint32_t kMostTasks = 4194304;

Kind<LimitAction> limit_action();
Kind<std::uint64_t> session_memory();

std::vector<Complaint> read_limit_rules(const YAML::Node& node, std::vector<LimitRule>& out);
/// As YAML on one line.
std::string print_limit_rules(const std::vector<LimitRule>& rules);

}  // namespace ts::config
