// Test cases of [RFC2202] (MD5) and [RFC4231] (SHA-256).
#include "lib/crypto/hmac.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>

namespace ts::crypto {
namespace {

ByteView bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

std::string hex_of(ByteView bytes) {
  std::string out;
  for (auto byte : bytes) out += fmt::format("{:02x}", std::to_integer<unsigned>(byte));
  return out;
}

TEST(Hmac, Md5AsTheStandardHasIt) {
  EXPECT_EQ(hex_of(hmac_md5(Bytes(16, std::byte{0x0b}), bytes_of("Hi There"))),
            "9294727a3638bb1c13f48ef8158bfc9d");
  EXPECT_EQ(hex_of(hmac_md5(bytes_of("Jefe"), bytes_of("what do ya want for nothing?"))),
            "750c783e6ab0b503eaa86e310a5db738");
  EXPECT_EQ(hex_of(hmac_md5(Bytes(16, std::byte{0xaa}), Bytes(50, std::byte{0xdd}))),
            "56be34521d144c88dbb8c733f0e8b3f6");
}

TEST(Hmac, Sha256AsTheStandardHasIt) {
  EXPECT_EQ(hex_of(hmac_sha256(Bytes(20, std::byte{0x0b}), bytes_of("Hi There"))),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(hex_of(hmac_sha256(bytes_of("Jefe"), bytes_of("what do ya want for nothing?"))),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST(Hmac, EmptyKeysAndDataAreNothingSpecial) {
  EXPECT_EQ(hex_of(hmac_md5({}, {})), "74e6f7298a9c2d168935f58c001bad88");
  EXPECT_EQ(hex_of(hmac_sha256({}, {})), "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

TEST(ConstantTime, TellsEveryDifference) {
  const Bytes one(32, std::byte{7});
  EXPECT_TRUE(equal_in_constant_time(one, Bytes(32, std::byte{7})));
  for (std::size_t at = 0; at < one.size(); ++at) {
    Bytes other = one;
    other[at] ^= std::byte{1};
    EXPECT_FALSE(equal_in_constant_time(one, other)) << at;
  }
  EXPECT_FALSE(equal_in_constant_time(one, ByteView(one).first(31)));
  EXPECT_TRUE(equal_in_constant_time({}, {}));
}

}  // namespace
}  // namespace ts::crypto
