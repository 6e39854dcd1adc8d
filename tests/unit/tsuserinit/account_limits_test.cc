// Which limits an account has: by name, by group, by neither.
#include "cmd/tsuserinit/account_limits.h"

#include <grp.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace ts::userinit {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

class AccountLimitsTest : public testing::Test {
 protected:
  AccountLimitsTest() {
    auto user = os::user_by_uid(::geteuid());
    if (user) me_ = *user;
    if (const auto* group = ::getgrgid(me_.gid)) group_ = std::string("@") + group->gr_name;
    config_.limits.idle = minutes(10);
    config_.limits.disconnected = minutes(60);
    config_.sessions.per_user = 2;
  }

  config::Config config_;
  os::User me_;
  std::string group_;
};

TEST_F(AccountLimitsTest, WithoutARuleTheServersOwnHold) {
  config_.limits.accounts = {{.names = {"nobody-of-this-name", "@no-such-group"}, .idle = seconds(1)}};
  auto found = limits_of(config_, me_);
  EXPECT_EQ(found.limits.idle, 600u);
  EXPECT_EQ(found.limits.active, 0u);
  EXPECT_EQ(found.limits.disconnected, 3600u);
  EXPECT_EQ(found.limits.warning, 120u);
  EXPECT_EQ(found.limits.log_off, 0u);
  EXPECT_EQ(found.per_user, 2u);
}

TEST_F(AccountLimitsTest, TheFirstRuleWithAValueCounts) {
  ASSERT_FALSE(group_.empty());
  config_.limits.accounts = {
      {.names = {me_.name}, .idle = seconds(0), .per_user = 5},
      {.names = {group_}, .idle = seconds(7), .active = seconds(8), .action = config::LimitAction::kLogOff},
      {.names = {me_.name}, .active = seconds(9), .per_user = 6}};
  auto found = limits_of(config_, me_);
  EXPECT_EQ(found.limits.idle, 0u) << "none is a value, too";
  EXPECT_EQ(found.limits.active, 8u);
  EXPECT_EQ(found.limits.disconnected, 3600u);
  EXPECT_EQ(found.limits.log_off, 1u);
  EXPECT_EQ(found.per_user, 5u);
}

TEST_F(AccountLimitsTest, WhatMayBeUsedOfTheMachineIsTheAccountsToo) {
  config_.limits.memory = 2'000'000'000;
  config_.limits.tasks = 300;
  EXPECT_EQ(limits_of(config_, me_).resources.memory, 2'000'000'000u);
  EXPECT_EQ(limits_of(config_, me_).resources.in_force, 0u) << "which is not this one's to say";
  config_.limits.accounts = {{.names = {me_.name}, .memory = 0, .cpu_weight = 50}};
  auto found = limits_of(config_, me_).resources;
  EXPECT_EQ(found.memory, 0u);
  EXPECT_EQ(found.cpu_weight, 50u);
  EXPECT_EQ(found.tasks, 300u);
}

}  // namespace
}  // namespace ts::userinit
