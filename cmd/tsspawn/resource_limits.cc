#include "cmd/tsspawn/resource_limits.h"

#include <algorithm>

#include "lib/base/log.h"
#include "lib/os/cgroup.h"

namespace ts::spawn {
namespace {

using config::LimitRule;

struct Need {
  const char* key;
  const char* controller;
  bool wanted;
};

template <typename T>
bool is_wanted(const config::Limits& limits, T own, std::optional<T> LimitRule::*member) {
  return own != 0 || std::ranges::any_of(limits.accounts, [member](const LimitRule& rule) {
           return (rule.*member).value_or(0) != 0;
         });
}

}  // namespace

void prepare_resource_limits(const config::Limits& limits) {
  const Need needs[] = {
      {"limits.memory", "memory", is_wanted(limits, limits.memory, &LimitRule::memory)},
      {"limits.cpu_weight", "cpu", is_wanted(limits, limits.cpu_weight, &LimitRule::cpu_weight)},
      {"limits.tasks", "pids", is_wanted(limits, limits.tasks, &LimitRule::tasks)}};
  std::vector<std::string> controllers;
  for (const auto& need : needs)
    if (need.wanted) controllers.emplace_back(need.controller);
  if (controllers.empty()) return;
  const auto missing = os::Cgroup::hand_on(controllers);
  if (missing.empty()) return;
  std::vector<std::string> keys;
  for (const auto& need : needs)
    if (std::ranges::find(missing, need.controller) != missing.end()) keys.emplace_back(need.key);
  log::warning(
      "Ignoring {}: this service is not given the cgroup2 controllers for that ({}): a unit needs "
      "Delegate=yes, "
      "else see cgroup.controllers and cgroup.subtree_control of the groups above its own",
      fmt::join(keys, ", "), fmt::join(missing, ", "));
}

}  // namespace ts::spawn
