// The value of limits.accounts: a list of maps, each for some accounts.
#pragma once

#include <string>
#include <vector>

#include "lib/config/keys.h"
#include "lib/config/values.h"

namespace ts::config {

inline constexpr std::chrono::hours kLongestLimit{24 * 365};

Kind<LimitAction> limit_action();

std::vector<Complaint> read_limit_rules(const YAML::Node& node, std::vector<LimitRule>& out);
/// As YAML on one line.
std::string print_limit_rules(const std::vector<LimitRule>& rules);

}  // namespace ts::config
