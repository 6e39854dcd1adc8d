#include "cmd/tsd/address_limit.h"

#include <gtest/gtest.h>

#include <vector>

namespace ts::tsd {
namespace {

TEST(AddressLimit, EachNetworkHasItsPlacesAndGetsThemBack) {
  AddressLimit limit(2);
  auto first = limit.take("192.0.2.1");
  {
    auto second = limit.take("192.0.2.1");
    ASSERT_TRUE(first && second);
    EXPECT_FALSE(limit.take("192.0.2.1"));
    EXPECT_TRUE(limit.take("192.0.2.2"));
  }
  auto again = limit.take("192.0.2.1");
  EXPECT_TRUE(again);
  EXPECT_FALSE(limit.take("192.0.2.1"));
}

TEST(AddressLimit, APlaceThatMovesIsGivenBackOnce) {
  AddressLimit limit(1);
  auto place = limit.take("192.0.2.1");
  ASSERT_TRUE(place);
  {
    AddressLimit::Place moved(*std::move(place));
    place.reset();
    EXPECT_FALSE(limit.take("192.0.2.1"));
  }
  EXPECT_EQ(limit.networks(), 0u) << "nothing is kept of those who are gone";
  EXPECT_TRUE(limit.take("192.0.2.1"));
}

TEST(AddressLimit, ZeroIsNoLimit) {
  AddressLimit limit(0);
  std::vector<AddressLimit::Place> places;
  for (int i = 0; i < 1000; ++i) {
    auto place = limit.take("192.0.2.1");
    ASSERT_TRUE(place);
    places.push_back(*std::move(place));
  }
}

}  // namespace
}  // namespace ts::tsd
