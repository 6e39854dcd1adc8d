#include "lib/session/strangers.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <deque>
#include <vector>

namespace ts::session {
namespace {

using namespace std::chrono_literals;

class StrangersTest : public testing::Test {
 protected:
  void come(std::string network, unsigned progress = 0, std::chrono::milliseconds ago = 0ms) {
    names_.push_back(std::move(network));
    there_.push_back({names_.back(), progress, now_ - ago});
  }
  std::optional<std::size_t> goes_for(std::string_view newcomer) const {
    return who_gives_way(there_, newcomer, debts_, 2s, now_);
  }

  TimePoint now_ = TimePoint{} + 1h;
  Debts debts_{10, 1};
  std::deque<std::string> names_;
  std::vector<Stranger> there_;
};

TEST_F(StrangersTest, TheOldestOfTheNetworkWithMostThatHasDoneNothingGoes) {
  come("one", 0, 900ms);
  come("many", 2, 800ms);
  come("many", 0, 300ms);
  come("many", 0, 400ms);
  come("two", 0, 500ms);
  come("two", 0, 600ms);
  EXPECT_EQ(goes_for("new"), 3U);
  EXPECT_EQ(goes_for("two"), 3U) << "it has fewer";
}

TEST_F(StrangersTest, WhoHasMostDisplacesNobodyElse) {
  for (int i = 0; i < 3; ++i) come("many", 1, 1h);
  come("few", 0, 100ms);
  EXPECT_FALSE(goes_for("many"));
}

TEST_F(StrangersTest, WhoHasDoneNothingForLongGoesForAnybody) {
  come("many", 0, 1999ms);
  come("many", 1, 1h);
  EXPECT_FALSE(goes_for("many"));
  now_ += 1ms;
  EXPECT_EQ(goes_for("many"), 0U);
}

TEST_F(StrangersTest, OfManyNetworksWithOneEachTheOldestGoesAndTheNewcomerComesIn) {
  for (int i = 0; i < 400; ++i) come(fmt::format("198.51.100.{}", i), 1, 1000ms - i * 1ms);
  EXPECT_EQ(goes_for("new"), 0U);
  come("new", 0, 0ms);
  EXPECT_EQ(goes_for("newer"), 400U) << "it has done nothing; a client says something at once";
  there_.back().progress = 1;
  EXPECT_EQ(goes_for("newer"), 0U);
}

TEST_F(StrangersTest, WhoHasHadManyWeighsMoreThanWhoComesForTheFirstTime) {
  for (int i = 0; i < 5; ++i) debts_.add("again", now_);
  come("first", 1, 1h);
  come("again", 1, 1s);
  EXPECT_EQ(goes_for("new"), 1U);
  there_.pop_back();
  EXPECT_FALSE(goes_for("again"));
  EXPECT_EQ(goes_for("new"), 0U);
}

TEST_F(StrangersTest, NobodyIsThere) {
  EXPECT_FALSE(goes_for("new"));
}

TEST_F(StrangersTest, TheLightestNetworkHasItsTurnFirst) {
  for (int i = 0; i < 50; ++i) come("many", 1, 10s - i * 1ms);
  come("new", 1, 0ms);
  TimePoint again;
  EXPECT_EQ(whose_turn(there_, debts_, now_, again), 50U);
  there_.pop_back();
  EXPECT_EQ(whose_turn(there_, debts_, now_, again), 0U) << "the one that came first";
}

TEST_F(StrangersTest, WhoOwesTooMuchWaitsUntilEnoughIsForgotten) {
  come("many");
  for (int i = 0; i < 10; ++i) debts_.add("many", now_);
  TimePoint again;
  EXPECT_FALSE(whose_turn(there_, debts_, now_, again));
  EXPECT_EQ(again, now_ + 1s);
  EXPECT_EQ(whose_turn(there_, debts_, again, again), 0U);
  debts_.forgive("many");
  EXPECT_EQ(whose_turn(there_, debts_, now_, again), 0U) << "one of them has logged on";
  come("new");
  for (int i = 0; i < 10; ++i) debts_.add("many", now_);
  EXPECT_EQ(whose_turn(there_, debts_, now_, again), 1U) << "others do not wait with it";
}

TEST_F(StrangersTest, NobodyWaits) {
  TimePoint again;
  EXPECT_FALSE(whose_turn({}, debts_, now_, again));
}

TEST(Debts, AreForgottenAtASteadyPaceAndNeverGrowWithoutEnd) {
  TimePoint now = TimePoint{} + 1h;
  Debts debts(4, 2);
  for (int i = 0; i < 4; ++i) {
    EXPECT_LE(debts.next("a", now), now) << i;
    debts.add("a", now);
  }
  EXPECT_EQ(debts.next("a", now), now + 500ms);
  for (int i = 0; i < 1000; ++i) debts.add("a", now);
  EXPECT_EQ(debts.next("a", now), now + 1s) << "whatever it was, a second after its end all is as before";
  EXPECT_EQ(debts.of("a", now + 10s), 0);
  EXPECT_EQ(debts.of("b", now), 0);
}

TEST(Debts, WithoutABurstAnythingMayBeOwed) {
  TimePoint now = TimePoint{} + 1h;
  Debts debts(0, 0);
  for (int i = 0; i < 1000; ++i) debts.add("a", now);
  EXPECT_EQ(debts.next("a", now), now);
  EXPECT_EQ(debts.size(), 0U);
}

TEST(Debts, KeepsABoundedNumberOfNetworks) {
  TimePoint now = TimePoint{} + 1h;
  Debts debts(10, 0.001);
  for (int i = 0; i < 20'000; ++i) debts.add(fmt::format("network {}", i), now);
  EXPECT_LE(debts.size(), 8192U);
  debts.add("network 1", now);
  EXPECT_EQ(debts.of("network 1", now), 2);
}

TEST(Debts, KeepsNoNetworkThatOwesNothing) {
  TimePoint now = TimePoint{} + 1h;
  Debts debts(10, 1);
  for (int i = 0; i < 10'000; ++i) debts.add(fmt::format("network {}", i), now += 10ms);
  EXPECT_LE(debts.size(), 1125U);
  debts.forgive("network 9999");
  debts.forgive("nobody's");
}

}  // namespace
}  // namespace ts::session
