// Time limits of a session: when it is warned, when its time is over, and what begins them anew.
#include "lib/session/limits.h"

#include <gtest/gtest.h>

namespace ts::session {
namespace {

using namespace std::chrono_literals;

class LimitsTest : public testing::Test {
 protected:
  void begin(Limits limits) { clock_.begin(limits, now_); }
  /// Time goes by; what becomes due exactly then.
  std::optional<LimitStep> pass(std::chrono::milliseconds time) {
    now_ += time;
    return clock_.due(now_);
  }
  void expect_next(std::chrono::milliseconds from_now) {
    ASSERT_TRUE(clock_.next());
    EXPECT_EQ(*clock_.next() - now_, from_now);
  }

  LimitClock clock_;
  TimePoint now_ = TimePoint(1000s);
};

TEST_F(LimitsTest, WithoutLimitsNothingIsEverDue) {
  begin({.warning = 120});
  EXPECT_FALSE(clock_.next());
  EXPECT_FALSE(pass(24h * 365));
  clock_.detached(now_);
  EXPECT_FALSE(clock_.next());
}

TEST_F(LimitsTest, IdleWarnsThenEnds) {
  begin({.idle = 600, .warning = 120});
  expect_next(480s);
  EXPECT_FALSE(pass(480s - 1ms));
  auto warned = pass(1ms);
  ASSERT_TRUE(warned);
  EXPECT_EQ(warned->limit, Limit::kIdle);
  EXPECT_FALSE(warned->over);
  EXPECT_EQ(warned->left, 120s);
  EXPECT_FALSE(clock_.due(now_)) << "once";
  expect_next(120s);
  auto over = pass(120s);
  ASSERT_TRUE(over);
  EXPECT_TRUE(over->over);
  EXPECT_FALSE(clock_.due(now_)) << "once";
  EXPECT_FALSE(clock_.next());
}

TEST_F(LimitsTest, InputBeginsIdleAnewAndTakesTheWarningBack) {
  begin({.idle = 600, .warning = 120});
  EXPECT_FALSE(pass(300s));
  EXPECT_FALSE(clock_.input(now_)) << "nobody has been warned";
  expect_next(480s);
  ASSERT_TRUE(pass(480s));
  EXPECT_TRUE(clock_.input(now_));
  EXPECT_FALSE(clock_.input(now_)) << "taken back already";
  expect_next(480s);
  EXPECT_TRUE(pass(480s)) << "and is warned again";
}

TEST_F(LimitsTest, ActiveIsNotPutOffByInput) {
  begin({.active = 600, .warning = 120});
  for (int i = 0; i < 47; ++i) {
    EXPECT_FALSE(pass(10s));
    EXPECT_FALSE(clock_.input(now_));
  }
  auto warned = pass(10s);
  ASSERT_TRUE(warned);
  EXPECT_EQ(warned->limit, Limit::kActive);
  EXPECT_FALSE(clock_.input(now_)) << "that warning stays";
  auto over = pass(120s);
  ASSERT_TRUE(over && over->over);
  EXPECT_EQ(over->limit, Limit::kActive);
}

TEST_F(LimitsTest, AShortLimitWarnsAtHalfTime) {
  begin({.idle = 10, .warning = 120});
  expect_next(5s);
  auto warned = pass(5s);
  ASSERT_TRUE(warned);
  EXPECT_EQ(warned->left, 5s);
}

TEST_F(LimitsTest, WithoutWarningItIsOverAtOnce) {
  begin({.idle = 10});
  expect_next(10s);
  auto over = pass(10s);
  ASSERT_TRUE(over);
  EXPECT_TRUE(over->over);
}

TEST_F(LimitsTest, AnotherConnectionBeginsAllAnew) {
  begin({.idle = 600, .active = 1000, .disconnected = 50, .warning = 120});
  EXPECT_FALSE(pass(400s));
  clock_.detached(now_);
  expect_next(50s);
  EXPECT_FALSE(pass(49s));
  clock_.attached(now_);
  expect_next(480s);
  EXPECT_FALSE(pass(479s));
  clock_.detached(now_);
  auto over = pass(50s);
  ASSERT_TRUE(over);
  EXPECT_EQ(over->limit, Limit::kDisconnected);
  EXPECT_TRUE(over->over) << "nobody is there to be warned";
}

TEST_F(LimitsTest, WhatWasMissedIsToldInOrderOnce) {
  begin({.idle = 10, .active = 20, .warning = 2});
  auto first = pass(1h);
  ASSERT_TRUE(first && first->over);
  EXPECT_EQ(first->limit, Limit::kIdle);
  auto second = clock_.due(now_);
  ASSERT_TRUE(second && second->over);
  EXPECT_EQ(second->limit, Limit::kActive);
  EXPECT_FALSE(clock_.due(now_));
}

TEST_F(LimitsTest, NothingIsDueBeforeALogon) {
  clock_.attached(now_);
  clock_.detached(now_);
  EXPECT_FALSE(clock_.input(now_));
  EXPECT_FALSE(clock_.next());
  EXPECT_FALSE(clock_.due(now_));
}

}  // namespace
}  // namespace ts::session
