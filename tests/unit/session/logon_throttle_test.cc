#include "lib/session/logon_throttle.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>

namespace {

using namespace ts::session;
using namespace std::chrono_literals;

class LogonThrottleTest : public ::testing::Test {
 protected:
  /// An attempt that comes now and is wrong; the next one comes when this one was over.
  std::chrono::milliseconds guess(const std::string& user, const std::string& address) {
    auto wait = throttle.attempt(user, address, now);
    now += wait;
    return wait;
  }
  LogonThrottle throttle;
  TimePoint now{std::chrono::hours(1)};
};

TEST_F(LogonThrottleTest, AFewSlipsAreFree) {
  for (int i = 0; i < 10; ++i) EXPECT_EQ(guess("ada", "192.0.2.1:1000"), 0ms) << i;
}

TEST_F(LogonThrottleTest, GuessesForOneAccountFromEverywhereAreSlowedUpToABound) {
  std::chrono::milliseconds longest{};
  for (int i = 0; i < 50; ++i) {
    longest = std::max(longest, guess("ada", fmt::format("192.0.2.{}:1000", i)));
    EXPECT_LE(longest, LogonThrottle::kUser.longest);
  }
  EXPECT_EQ(longest, LogonThrottle::kUser.longest);
  EXPECT_EQ(guess("bob", "192.0.2.200:1000"), 0ms) << "somebody else";
}

TEST_F(LogonThrottleTest, CookiesAreSlowedButNeverTheirOwnersPasswords) {
  std::chrono::milliseconds longest{};
  for (int i = 0; i < 500; ++i)
    longest =
        std::max(longest, throttle.attempt_cookie(7, fmt::format("192.0.{}.{}:1", i / 250, i % 250), now));
  EXPECT_EQ(longest, LogonThrottle::kSource.longest) << "however many come at once";
  EXPECT_EQ(throttle.attempt_cookie(8, "198.51.100.1:1", now), 0ms) << "another session";
  EXPECT_EQ(guess("7", "198.51.100.1:1"), 0ms) << "an account of that name";
  throttle.cookie_succeeded(7, "198.51.100.1:1");
  EXPECT_EQ(throttle.attempt_cookie(7, "198.51.100.1:1", now), 0ms);
}

TEST_F(LogonThrottleTest, CookiesForNoSessionCountForTheirAddressAlone) {
  for (int i = 0; i < 50; ++i)
    EXPECT_EQ(throttle.attempt_cookie({}, fmt::format("192.0.2.{}:1", i), now), 0ms) << i;
  for (int i = 0; i < 30; ++i) throttle.attempt_cookie({}, "192.0.2.1:1", now);
  EXPECT_GT(throttle.attempt_cookie({}, "192.0.2.1:1", now), 0ms);
  EXPECT_GT(throttle.attempt("ada", "192.0.2.1:1", now), 0ms) << "passwords from there, too";
  EXPECT_EQ(throttle.size(), 52u);
}

TEST_F(LogonThrottleTest, GuessesFromOneAddressForEverybodyAreSlowed) {
  std::chrono::milliseconds longest{};
  for (int i = 0; i < 60; ++i) longest = std::max(longest, guess(fmt::format("user{}", i), "192.0.2.1:2000"));
  EXPECT_EQ(longest, LogonThrottle::kSource.longest);
  EXPECT_EQ(guess("ada", "192.0.2.2:1"), 0ms) << "another address";
}

TEST_F(LogonThrottleTest, ManyAtOnceGainNothing) {
  std::chrono::milliseconds last{};
  for (int i = 0; i < 20; ++i) last = throttle.attempt("ada", "192.0.2.1:1", now);
  EXPECT_GE(last, 20s) << "one after the other";
}

TEST_F(LogonThrottleTest, WhoGuessesMuchAndLeavesAtOnceKeepsTheOwnerWaitingForSecondsOnly) {
  for (int i = 0; i < 5000; ++i) throttle.attempt("ada", "192.0.2.1:1", now);
  EXPECT_LE(throttle.attempt("ada", "198.51.100.1:1", now), LogonThrottle::kUser.longest);
  EXPECT_EQ(throttle.attempt("ada", "192.0.2.1:1", now), LogonThrottle::kSource.longest)
      << "however many come at once";
  now += 2 * LogonThrottle::kSource.longest;
  EXPECT_EQ(throttle.attempt("ada", "198.51.100.2:1", now), 0ms) << "and soon nothing is left of it";
}

TEST_F(LogonThrottleTest, WhoGuessesAtOneAccountFromManyAddressesWaitsForTheOthers) {
  int tried = 0;
  // Of each address the next attempt comes when the last is over; for ten minutes.
  std::map<TimePoint, int> next;
  for (int i = 0; i < 50; ++i) next.emplace(now + i * 1us, i);
  for (const TimePoint end = now + 10min; next.begin()->first < end; ++tried) {
    auto [when, who] = *next.begin();
    next.erase(next.begin());
    next.emplace(when + throttle.attempt("ada", fmt::format("192.0.2.{}:1", who), when) + 1ms + who * 1us,
                 who);
  }
  // Three from each address at once, and then one in thirty seconds.
  EXPECT_LT(tried, 50 * 3 + 50 * 600 / 30 + 60);
  EXPECT_LE(throttle.attempt("ada", "198.51.100.1:1", now + 10min), LogonThrottle::kUser.longest);
}

TEST_F(LogonThrottleTest, TenWrongOnesFromElsewhereDoNotKeepTheOwnerOut) {
  for (int i = 0; i < 10; ++i) guess("ada", "192.0.2.1:1");
  EXPECT_LE(throttle.attempt("ada", "198.51.100.1:1", now), 1s);
}

TEST_F(LogonThrottleTest, ManyWhoLogOnFromOneAddressDoNotWait) {
  for (int i = 0; i < 200; ++i) {
    std::string user = fmt::format("user{}", i);
    EXPECT_EQ(throttle.attempt(user, "192.0.2.1:1", now), 0ms);
    throttle.succeeded(user, "192.0.2.1:1");
  }
}

TEST_F(LogonThrottleTest, TheRightPasswordForgivesTheUsersSlipsOnly) {
  for (int i = 0; i < 40; ++i) guess("ada", "192.0.2.1:1");
  throttle.succeeded("ada", "192.0.2.1:1");
  EXPECT_EQ(throttle.attempt("ada", "192.0.2.9:1", now), 0ms);
  EXPECT_GT(throttle.attempt("bob", "192.0.2.1:1", now), 0ms) << "the address goes on counting";
}

TEST_F(LogonThrottleTest, ForgetsAfterAWhile) {
  for (int i = 0; i < 40; ++i) guess("ada", "192.0.2.1:1");
  now += LogonThrottle::kForget + 1s;
  EXPECT_EQ(guess("ada", "192.0.2.1:1"), 0ms);
}

TEST_F(LogonThrottleTest, KeepsABoundedNumberOfNames) {
  for (std::size_t i = 0; i < LogonThrottle::kMostEntries + 10; ++i) {
    now += 1ms;
    throttle.attempt(fmt::format("user{}", i),
                     fmt::format("10.{}.{}.{}:1", i / 65536, i / 256 % 256, i % 256), now);
  }
  EXPECT_LE(throttle.size(), 3 * LogonThrottle::kMostEntries);
}

TEST(SourceOf, AnAddressOrTheNetworkThatIsHandedToOneCustomer) {
  EXPECT_EQ(source_of("192.0.2.1:3389"), "192.0.2.1");
  EXPECT_EQ(source_of("[2001:db8:1:2:3:4:5:6]:3389"), "2001:db8:1:2::/64");
  EXPECT_EQ(source_of("[2001:db8:1:2:ffff::1]:1"), source_of("[2001:db8:1:2::9]:2"));
  EXPECT_EQ(source_of("[::ffff:192.0.2.1]:3389"), "192.0.2.1");
  EXPECT_EQ(source_of("nonsense"), "nonsense");
}

}  // namespace
