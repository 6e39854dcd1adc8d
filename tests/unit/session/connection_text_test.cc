// Numbers that go over Varlink as text.
#include "lib/session/connection_text.h"

#include <gtest/gtest.h>

namespace ts::session {
namespace {

TEST(ConnectionText, IsReadAsItWasWritten) {
  ConnectionId id{};
  ReconnectProof proof{};
  for (std::size_t i = 0; i < id.size(); ++i) id[i] = static_cast<std::uint8_t>(0xF8 + i);
  for (std::size_t i = 0; i < proof.size(); ++i) proof[i] = std::byte(0xF0 + i);
  EXPECT_EQ(connection_text(id), "f8f9fafbfcfdfeff0001020304050607");
  EXPECT_EQ(connection_from(connection_text(id)), id);
  EXPECT_EQ(proof_text(proof).size(), 64u);
  EXPECT_EQ(proof_from(proof_text(proof)), proof);
}

TEST(ConnectionText, AnythingElseIsNone) {
  const std::string good(64, 'a');
  EXPECT_TRUE(proof_from(good));
  EXPECT_FALSE(proof_from(""));
  EXPECT_FALSE(proof_from(good + "aa"));
  EXPECT_FALSE(proof_from(good.substr(2)));
  for (const char* wrong : {"g0", "-1", "+1", " 1", "0x", "1"}) {
    EXPECT_FALSE(proof_from(wrong + good.substr(2))) << wrong;
    EXPECT_FALSE(proof_from(good.substr(2) + wrong)) << wrong;
  }
}

}  // namespace
}  // namespace ts::session
