// Limits on a session's control group: what is said to be in force is what the kernel has.
#include "cmd/tshost/session_resources.h"

#include <gtest/gtest.h>
#include <unistd.h>

namespace ts::host {
namespace {

using session::Resource;
using session::Resources;

TEST(SessionResources, WithoutAGroupNothingIsInForce) {
  auto found = limit(std::nullopt, {.memory = 100'000'000, .cpu_weight = 50, .tasks = 7});
  EXPECT_EQ(found.in_force, 0u);
  EXPECT_EQ(found.memory, 100'000'000u) << "what was wanted is still told";
}

TEST(SessionResources, WhatIsInForceIsWhatTheGroupHas) {
  const auto group = os::Cgroup::create("resources-test-" + std::to_string(::getpid()));
  if (!group) GTEST_SKIP() << "no control groups of our own here";
  const auto found = limit(group, {.memory = 100'000'000, .cpu_weight = 50, .tasks = 7});
  EXPECT_EQ(found.is_in_force(Resource::kMemory), group->get("memory.max") == "99999744");
  EXPECT_EQ(found.is_in_force(Resource::kCpuWeight), group->get("cpu.weight") == "50");
  EXPECT_EQ(found.is_in_force(Resource::kTasks), group->get("pids.max") == "7");
  EXPECT_EQ(limited(*group, found).in_force, found.in_force);
  const auto none = limit(group, {});
  EXPECT_EQ(none.in_force, 0u);
  for (const char* file : {"memory.max", "pids.max"})
    EXPECT_TRUE(group->get(file).empty() || group->get(file) == "max") << file;
  EXPECT_EQ(limited(*group, {.memory = 100'000'000, .cpu_weight = 50, .tasks = 7}).in_force, 0u);
  group->remove();
}

}  // namespace
}  // namespace ts::host
