// Clients that come back by themselves: who is asked, what is believed, and where the others go.
#include "tests/unit/session/broker_fixture.h"

namespace ts::session {
namespace {

class BrokerReconnectTest : public BrokerTest {
 protected:
  using BrokerTest::BrokerTest;
  /// Alice's session, whose client was lost.
  SessionId lost_session(int connection = 1) {
    bring_up();
    SessionId id = log_on(connection, "alice");
    detach(id);
    EXPECT_EQ(host(id).state, State::kDisc);
    return id;
  }
  void wish(int n, SessionId session, std::chrono::milliseconds delay = {}) {
    ASSERT_TRUE(broker_.introduce(connection_id(n)));
    ReconnectWish wish{session, {}, delay};
    wish.proof[0] = std::byte(n);
    ASSERT_TRUE(broker_.connect(connection_id(n), client(), now_, wish));
  }
  bool verified(int n, SessionId session, bool good) {
    ReconnectVerified message;
    message.session_id = session;
    message.connection = connection_id(n);
    message.good = good ? 1 : 0;
    if (!good) message.message.assign("no cookie of the session's");
    return broker_.reconnect_verified(session, message, now_);
  }
  /// Of one connection that has failed; empty: none has.
  std::string failed() {
    auto all = taken<ReconnectFailedAction>();
    return all.size() == 1 ? fmt::format("{} {}: {}", all[0].session, all[0].user, all[0].message) : "";
  }
};

TEST_F(BrokerReconnectTest, TheHostIsAskedAndBelieved) {
  SessionId id = lost_session();
  wish(2, id);
  auto asked = taken<VerifyReconnectAction>();
  ASSERT_EQ(asked.size(), 1u);
  EXPECT_EQ(asked[0].session, id);
  EXPECT_EQ(asked[0].connection, connection_id(2));
  EXPECT_EQ(asked[0].proof[0], std::byte{2});
  EXPECT_TRUE(taken<AttachAction>().empty());
  EXPECT_TRUE(verified(2, id, true));
  auto attached = taken<AttachAction>();
  ASSERT_EQ(attached.size(), 1u);
  EXPECT_EQ(attached[0].session, id);
  EXPECT_TRUE(attached[0].logged_on);
  EXPECT_TRUE(attached[0].automatic);
  EXPECT_FALSE(attached[0].temporary);
  carry_out(attached[0]);
  EXPECT_EQ(idle_count(), 2u) << "no idle session was used up";
  EXPECT_TRUE(ends().empty());
}

TEST_F(BrokerReconnectTest, AWrongCookieLeadsToTheLogonScreen) {
  SessionId id = lost_session();
  wish(2, id);
  EXPECT_FALSE(verified(2, id, false));
  EXPECT_EQ(failed(), fmt::format("{} alice: no cookie of the session's", id));
  auto attached = taken<AttachAction>();
  ASSERT_EQ(attached.size(), 1u);
  EXPECT_NE(attached[0].session, id);
  EXPECT_FALSE(attached[0].logged_on);
  EXPECT_FALSE(attached[0].automatic);
}

TEST_F(BrokerReconnectTest, WhereNobodyIsLoggedOnNobodyIsAsked) {
  SessionId id = lost_session();
  for (SessionId wrong : {SessionId{0}, id + 1, SessionId{999}, kListenerSession, SessionId{0xffffffff}}) {
    int n = 10 + static_cast<int>(wrong % 100);
    wish(n, wrong);
    EXPECT_TRUE(taken<VerifyReconnectAction>().empty()) << wrong;
    EXPECT_EQ(failed(), fmt::format("{} : nobody is logged on to session {}", wrong, wrong));
    broker_.connection_gone(connection_id(n), now_);
    pass(6s);
    start_all();
  }
}

TEST_F(BrokerReconnectTest, AnEndingSessionTakesNobodyBack) {
  SessionId id = lost_session();
  broker_.end_session(id, EndReason::kLoggedOffByAdmin);
  wish(2, id);
  EXPECT_TRUE(taken<VerifyReconnectAction>().empty());
  EXPECT_EQ(failed(), fmt::format("{} alice: nobody is logged on to session {}", id, id));
}

TEST_F(BrokerReconnectTest, ASessionThatEndsWhileItsHostIsAsked) {
  SessionId id = lost_session();
  wish(2, id);
  broker_.end_session(id, EndReason::kLoggedOffByAdmin);
  EXPECT_FALSE(verified(2, id, true));
  EXPECT_EQ(failed(), fmt::format("{} alice: the session is ending", id));
  wish(3, id);
  EXPECT_TRUE(taken<VerifyReconnectAction>().size() == 1) << "the one above";
  EXPECT_EQ(failed(), fmt::format("{} alice: nobody is logged on to session {}", id, id));
}

TEST_F(BrokerReconnectTest, AHostThatDiesWhileItIsAsked) {
  SessionId id = lost_session();
  wish(2, id);
  gone(id);
  EXPECT_EQ(failed(), fmt::format("{} : the session has ended", id));
  EXPECT_EQ(taken<AttachAction>().size(), 1u);
  EXPECT_FALSE(verified(2, id, true));
}

TEST_F(BrokerReconnectTest, AHostThatDoesNotAnswer) {
  SessionId id = lost_session();
  wish(2, id);
  ASSERT_TRUE(broker_.next_deadline());
  EXPECT_EQ(*broker_.next_deadline(), now_ + 10s);
  pass(9999ms);
  EXPECT_EQ(failed(), "");
  pass(1ms);
  EXPECT_EQ(failed(), fmt::format("{} alice: the session's host did not answer in time", id));
  EXPECT_EQ(taken<AttachAction>().size(), 1u);
  EXPECT_FALSE(verified(2, id, true)) << "too late";
}

TEST_F(BrokerReconnectTest, AnswersThatNobodyWaitsForAreNotBelieved) {
  SessionId id = lost_session();
  SessionId other = log_on(5, "bob", 1001);
  EXPECT_FALSE(verified(2, id, true));
  auto mapped = connect(3);
  ASSERT_TRUE(mapped);
  EXPECT_FALSE(verified(3, *mapped, true));
  wish(2, id, 5s);
  EXPECT_FALSE(verified(2, id, true)) << "its host has not been asked yet";
  pass(5s);
  EXPECT_FALSE(verified(2, other, true)) << "another host's word";
  EXPECT_TRUE(taken<AttachAction>().empty());
  EXPECT_TRUE(verified(2, id, true));
}

TEST_F(BrokerReconnectTest, GuessesWaitBeforeAnybodyLooks) {
  SessionId id = lost_session();
  wish(2, id, 3s);
  wish(3, 999, 3s);
  pass(2999ms);
  EXPECT_TRUE(taken<VerifyReconnectAction>().empty());
  EXPECT_EQ(failed(), "");
  pass(1ms);
  EXPECT_EQ(taken<VerifyReconnectAction>().size(), 1u);
  EXPECT_EQ(failed(), "999 : nobody is logged on to session 999");
}

TEST_F(BrokerReconnectTest, ASessionWithAClientIsTakenOver) {
  bring_up();
  SessionId id = log_on(1, "alice");  // whose connection the server has not missed yet
  wish(2, id);
  EXPECT_TRUE(verified(2, id, true));
  auto attached = taken<AttachAction>();
  ASSERT_EQ(attached.size(), 1u);
  carry_out(attached[0]);
  EXPECT_EQ(broker_.table().find(id)->taken_by, connection_id(2));
  broker_.connection_gone(connection_id(1), now_);
  EXPECT_EQ(broker_.table().find(id)->taken_by, connection_id(2));
}

TEST_F(BrokerReconnectTest, AttachingThatFailsLeadsToTheLogonScreen) {
  SessionId id = lost_session();
  wish(2, id);
  EXPECT_TRUE(verified(2, id, true));
  auto attached = taken<AttachAction>();
  ASSERT_EQ(attached.size(), 1u);
  gone(id);
  broker_.attach_failed(attached[0], now_);
  auto again = taken<AttachAction>();
  ASSERT_EQ(again.size(), 1u);
  EXPECT_FALSE(again[0].logged_on);
}

TEST_F(BrokerReconnectTest, AClientThatLeavesMeanwhileIsForgotten) {
  SessionId id = lost_session();
  wish(2, id);
  broker_.connection_gone(connection_id(2), now_);
  EXPECT_FALSE(verified(2, id, true));
  EXPECT_EQ(failed(), "");
  EXPECT_TRUE(taken<AttachAction>().empty());
}

TEST_F(BrokerReconnectTest, LimitsOfThoseWhoLogOnAreNotTheirs) {
  SessionId id = lost_session();
  for (int n = 10; n < 13; ++n) connect(n);  // max_logon
  wish(2, id);
  EXPECT_TRUE(taken<RefuseAction>().empty());
  EXPECT_TRUE(verified(2, id, true));
  EXPECT_TRUE(taken<RefuseAction>().empty());
  wish(3, id);
  EXPECT_FALSE(verified(3, id, false));
  EXPECT_EQ(taken<RefuseAction>().size(), 1u) << "now it is one of them";
}

TEST_F(BrokerReconnectTest, DrainedServersTakeBackWhoHasASession) {
  SessionId id = lost_session();
  broker_.close(Closed{.message = "new logons are off"});
  wish(2, id);
  EXPECT_TRUE(verified(2, id, true));
  broker_.close(Closed{.to_all = true, .reason = EndReason::kServerShutdown, .message = "shutting down"});
  broker_.end_all(EndReason::kServerShutdown);
  wish(3, id);
  auto refused = taken<RefuseAction>();
  ASSERT_EQ(refused.size(), 1u);
  EXPECT_EQ(refused[0].reason, EndReason::kServerShutdown);
}

class BrokerWithoutReconnectTest : public BrokerReconnectTest {
 protected:
  BrokerWithoutReconnectTest()
      : BrokerReconnectTest({.idle = 2, .max = 5, .max_logon = 3, .auto_reconnect = false}) {}
};

TEST_F(BrokerWithoutReconnectTest, NoHostIsAsked) {
  SessionId id = lost_session();
  wish(2, id);
  EXPECT_TRUE(taken<VerifyReconnectAction>().empty());
  EXPECT_EQ(failed(), fmt::format("{} alice: it is switched off (sessions.auto_reconnect)", id));
  EXPECT_EQ(taken<AttachAction>().size(), 1u);
}

}  // namespace
}  // namespace ts::session
