// Who may come back to a session without a password, and for how long.
#include "lib/session/reconnect_cookie.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace ts::session {
namespace {

using namespace std::chrono_literals;

class ReconnectCookieTest : public testing::Test {
 protected:
  static ReconnectBits bits(int n) {
    ReconnectBits out{};
    out[0] = std::byte(n);
    return out;
  }
  static ConnectionId connection(int n) {
    ConnectionId id{};
    id[0] = static_cast<std::uint8_t>(n);
    return id;
  }
  /// What the holder of these bits says on that connection.
  static ReconnectProof proof(int n, int of_connection = 1) {
    return reconnect_proof(reconnect_verifier(bits(n)), connection(of_connection));
  }
  bool good(int n) { return cookie_.check(proof(n), connection(1), now_); }

  TimePoint now_ = TimePoint{} + 1h;
  ReconnectCookie cookie_;
};

TEST_F(ReconnectCookieTest, VerifierIsWhatClientsCompute) {
  // HMAC-MD5 of 32 zero bytes under 00 01 02 ... 0f.
  ReconnectBits key{};
  for (std::size_t i = 0; i < key.size(); ++i) key[i] = std::byte(i);
  std::string text;
  for (auto byte : reconnect_verifier(key)) text += fmt::format("{:02x}", std::to_integer<unsigned>(byte));
  EXPECT_EQ(text, "b639c8731638618b707972aa6e96cf90");
}

TEST_F(ReconnectCookieTest, WithoutOneNobodyComesBack) {
  EXPECT_FALSE(cookie_.exists());
  EXPECT_FALSE(cookie_.due());
  EXPECT_FALSE(good(0));  // bits that are all zero
  EXPECT_FALSE(cookie_.check({}, {}, now_));
}

TEST_F(ReconnectCookieTest, OnlyTheRightBitsOnTheRightConnection) {
  cookie_.replace(bits(1), now_);
  EXPECT_TRUE(good(1));
  EXPECT_TRUE(good(1));  // nothing was used up: nobody has been let in
  EXPECT_FALSE(good(2));
  // What was said on one connection opens nothing on another.
  EXPECT_FALSE(cookie_.check(proof(1, 1), connection(2), now_));
  ReconnectProof almost = proof(1);
  almost[31] ^= std::byte{1};
  EXPECT_FALSE(cookie_.check(almost, connection(1), now_));
}

TEST_F(ReconnectCookieTest, ALogonOrATakeoverMakesVoidWhatWasGiven) {
  cookie_.replace(bits(1), now_);
  cookie_.renew(bits(2), now_);
  cookie_.replace(bits(3), now_);
  EXPECT_FALSE(good(1));
  EXPECT_FALSE(good(2));
  EXPECT_TRUE(good(3));
}

TEST_F(ReconnectCookieTest, TheFormerOneIsGoodForAMinute) {
  cookie_.replace(bits(1), now_);
  cookie_.renew(bits(2), now_);
  now_ += ReconnectCookie::kOverlap - 1ns;
  EXPECT_TRUE(good(1));
  now_ += 1ns;
  EXPECT_FALSE(good(1));
  EXPECT_TRUE(good(2));
}

TEST_F(ReconnectCookieTest, TheFormerOneIsVoidOnceTheNewOneWasUsed) {
  cookie_.replace(bits(1), now_);
  cookie_.renew(bits(2), now_);
  EXPECT_TRUE(good(2));
  EXPECT_FALSE(good(1));
}

TEST_F(ReconnectCookieTest, OnlyTheLastFormerOneIsGood) {
  cookie_.replace(bits(1), now_);
  cookie_.renew(bits(2), now_);
  cookie_.renew(bits(3), now_);
  EXPECT_FALSE(good(1));
  EXPECT_TRUE(good(2));
}

TEST_F(ReconnectCookieTest, WhoeverComesWithTheFormerOneAgainAndAgainHasAMinuteInAll) {
  cookie_.replace(bits(1), now_);
  EXPECT_TRUE(good(1));
  cookie_.renew(bits(2), now_);  // let in; the new one is lost on its way
  now_ += 40s;
  EXPECT_TRUE(good(1));
  cookie_.renew(bits(3), now_);
  EXPECT_FALSE(good(2)) << "nobody has ever got it";
  now_ += 19s;
  EXPECT_TRUE(good(1));
  cookie_.renew(bits(4), now_);
  now_ += 1s;
  EXPECT_FALSE(good(1));
  EXPECT_TRUE(good(4));
}

TEST_F(ReconnectCookieTest, AFormerOneThatLetNobodyInDoesNotOutliveItsTime) {
  cookie_.replace(bits(1), now_);
  cookie_.renew(bits(2), now_);
  EXPECT_TRUE(good(1));
  now_ += 1h;
  cookie_.renew(bits(3), now_);
  EXPECT_FALSE(good(1));
  EXPECT_TRUE(good(2));
}

TEST_F(ReconnectCookieTest, IsDueAnHourAfterItWasMadeOrItsClientWasLost) {
  cookie_.replace(bits(1), now_);
  EXPECT_EQ(cookie_.due(), now_ + 1h);
  now_ += 50min;
  cookie_.client_lost(now_);
  EXPECT_EQ(cookie_.due(), now_ + 1h);
  cookie_.renew(bits(2), now_);
  EXPECT_EQ(cookie_.due(), now_ + 1h);
}

TEST_F(ReconnectCookieTest, RevokedIsGone) {
  cookie_.replace(bits(1), now_);
  cookie_.renew(bits(2), now_);
  cookie_.revoke();
  EXPECT_FALSE(cookie_.exists());
  EXPECT_FALSE(cookie_.due());
  EXPECT_FALSE(good(1));
  EXPECT_FALSE(good(2));
  cookie_.client_lost(now_);
  EXPECT_FALSE(cookie_.due());
  cookie_.renew(bits(3), now_);  // as good as a new one
  EXPECT_TRUE(good(3));
  EXPECT_FALSE(good(2));
}

}  // namespace
}  // namespace ts::session
