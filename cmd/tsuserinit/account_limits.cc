#include "cmd/tsuserinit/account_limits.h"

#include "lib/account/account_name.h"

namespace ts::userinit {
namespace {

using config::LimitRule;

std::uint32_t whole(std::chrono::seconds value) {
  return static_cast<std::uint32_t>(value.count());
}

/// The first rule that has it.
template <typename T>
T value_of(const std::vector<const LimitRule*>& rules, std::optional<T> LimitRule::*member, T otherwise) {
  for (const LimitRule* rule : rules)
    if (rule->*member) return *(rule->*member);
  return otherwise;
}

}  // namespace

session::UserinitLimits limits_of(const config::Config& config, const os::User& user) {
  const config::Limits& own = config.limits;
  std::vector<const LimitRule*> rules;
  for (const auto& rule : own.accounts)
    if (account::is_named(rule.names, user)) rules.push_back(&rule);
  session::UserinitLimits out;
  out.limits.idle = whole(value_of(rules, &LimitRule::idle, own.idle));
  out.limits.active = whole(value_of(rules, &LimitRule::active, own.active));
  out.limits.disconnected = whole(value_of(rules, &LimitRule::disconnected, own.disconnected));
  out.limits.warning = whole(own.warning);
  out.limits.log_off =
      value_of(rules, &LimitRule::action, own.action) == config::LimitAction::kLogOff ? 1 : 0;
  out.per_user = value_of(rules, &LimitRule::per_user, config.sessions.per_user);
  out.resources.memory = value_of(rules, &LimitRule::memory, own.memory);
  out.resources.cpu_weight = value_of(rules, &LimitRule::cpu_weight, own.cpu_weight);
  out.resources.tasks = value_of(rules, &LimitRule::tasks, own.tasks);
  return out;
}

}  // namespace ts::userinit
