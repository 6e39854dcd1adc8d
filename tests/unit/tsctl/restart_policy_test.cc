#include "cmd/tsctl/restart_policy.h"

#include <gtest/gtest.h>

namespace ts::tsctl {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(RestartPolicy, WaitsTwiceAsLongEachTimeUpToTenSeconds) {
  RestartPolicy policy;
  RestartPolicy::TimePoint now{};
  policy.started(now);
  policy.ready();
  for (int expected : {100, 200, 400, 800, 1600, 3200, 6400, 10000, 10000}) {
    EXPECT_EQ(policy.ended(now), milliseconds(expected));
    policy.started(now);
  }
}

TEST(RestartPolicy, AMinuteOfWorkStartsAfresh) {
  RestartPolicy policy;
  RestartPolicy::TimePoint now{};
  policy.started(now);
  policy.ready();
  policy.ended(now);
  EXPECT_EQ(policy.ended(now + seconds(59)), milliseconds(200));
  policy.started(now);
  EXPECT_EQ(policy.ended(now + seconds(60)), milliseconds(100));
}

TEST(RestartPolicy, ThreeEndsBeforeItWasEverReadyAreEnough) {
  RestartPolicy policy;
  EXPECT_TRUE(policy.ended({}));
  EXPECT_TRUE(policy.ended({}));
  EXPECT_FALSE(policy.ended({}));
}

TEST(RestartPolicy, OnceReadyItIsNeverGivenUp) {
  RestartPolicy policy;
  policy.ended({});
  policy.ended({});
  policy.ready();
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(policy.ended({}));
}

}  // namespace
}  // namespace ts::tsctl
