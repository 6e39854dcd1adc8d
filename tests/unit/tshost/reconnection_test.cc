// A session's cookie in the hands of its host: who gets it, when, and who is believed.
#include "cmd/tshost/reconnection.h"

#include <gtest/gtest.h>

namespace ts::host {
namespace {

using namespace std::chrono_literals;
using session::CookieChange;

class ReconnectionTest : public testing::Test {
 protected:
  ReconnectionTest() {
    state_.session_id = 5;
    state_.uid = 1000;
    state_.attached = 1;
    state_.user.assign("ada");
  }
  Reconnection::Handlers handlers() {
    return {[this](const session::ReconnectTicket& ticket) {
              tickets_.push_back(ticket);
              if (tickets_.size() == awaited_) loop_.stop();
            },
            [this](const session::ReconnectVerified& message) { answers_.push_back(message); },
            [this]() -> const session::HostState& { return state_; },
            [this](UserinitLink::Handlers) -> Result<std::unique_ptr<UserinitLink>> {
              ++checks_;
              return fail(ErrorCode::kNotFound, "no tsuserinit here");
            }};
  }
  /// What the host says to the holder of these bits; empty: nothing.
  std::string try_with(Reconnection& reconnection, const std::array<std::byte, 16>& bits) {
    session::VerifyReconnect message;
    message.connection[0] = 1;
    message.proof = session::reconnect_proof(session::reconnect_verifier(bits), message.connection);
    answers_.clear();
    reconnection.verify(message);
    return answers_.size() == 1 && answers_[0].good == 0 && answers_[0].session_id == 5
               ? answers_[0].message.str()
               : "";
  }

  net::Loop loop_;
  session::HostState state_;
  std::vector<session::ReconnectTicket> tickets_;
  std::vector<session::ReconnectVerified> answers_;
  std::size_t awaited_ = 0;
  int checks_ = 0;
};

TEST_F(ReconnectionTest, EachTicketIsAnother) {
  Reconnection reconnection(loop_, true, handlers());
  reconnection.change(CookieChange::kNew);
  reconnection.change(CookieChange::kRenewed);
  ASSERT_EQ(tickets_.size(), 2u);
  EXPECT_EQ(tickets_[0].session_id, 5u);
  EXPECT_NE(tickets_[0].bits, tickets_[1].bits);
  EXPECT_NE(tickets_[0].bits, (std::array<std::byte, 16>{}));
}

TEST_F(ReconnectionTest, AClientThatStaysGetsAnotherOneInTime) {
  Reconnection reconnection(loop_, true, handlers(), 20ms);
  awaited_ = 3;
  reconnection.change(CookieChange::kNew);
  loop_.run();
  ASSERT_EQ(tickets_.size(), 3u);
  EXPECT_EQ(try_with(reconnection, tickets_[0].bits), "the cookie is not the session's, or not any more");
  EXPECT_EQ(checks_, 0);
  EXPECT_EQ(try_with(reconnection, tickets_[1].bits), "no tsuserinit here") << "for a minute";
  EXPECT_EQ(try_with(reconnection, tickets_[2].bits), "no tsuserinit here");
  EXPECT_EQ(checks_, 2);
}

TEST_F(ReconnectionTest, AClientThatStaysAwayHasToLogOn) {
  Reconnection reconnection(loop_, true, handlers(), 20ms);
  reconnection.change(CookieChange::kNew);
  state_.attached = 0;
  reconnection.change(CookieChange::kClientLost);
  EXPECT_EQ(try_with(reconnection, tickets_.at(0).bits), "no tsuserinit here");
  net::Timer look(loop_, [&] {
    if (try_with(reconnection, tickets_[0].bits) == "the session has no cookie that is good")
      return loop_.stop();
    look.start(5ms);
  });
  look.start(5ms);
  loop_.run();
  EXPECT_EQ(tickets_.size(), 1u);
}

TEST_F(ReconnectionTest, AGoodCookieIsNotEnough) {
  Reconnection reconnection(loop_, true, handlers());
  reconnection.change(CookieChange::kNew);
  EXPECT_EQ(try_with(reconnection, tickets_.at(0).bits), "no tsuserinit here");
  session::ConnectionId connection{};
  connection[0] = 1;
  EXPECT_FALSE(reconnection.proved(connection));
}

TEST_F(ReconnectionTest, SwitchedOffThereIsNone) {
  Reconnection reconnection(loop_, false, handlers());
  reconnection.change(CookieChange::kNew);
  EXPECT_TRUE(tickets_.empty());
  EXPECT_NE(try_with(reconnection, {}).find("switched off"), std::string::npos);
}

}  // namespace
}  // namespace ts::host
