// Connections: which session each gets, who is refused, who goes back to their own, and who wins of two.
#include "tests/unit/session/broker_fixture.h"

namespace ts::session {
namespace {

using Ids = std::vector<SessionId>;
using Ends = std::vector<std::pair<SessionId, EndReason>>;

TEST_F(BrokerTest, ConnectionIdsAreGoodOnce) {
  bring_up();
  EXPECT_EQ(broker_.connect(connection_id(1), client(), now_).error().code, ErrorCode::kNotPermitted);
  EXPECT_TRUE(broker_.introduce(connection_id(1)));
  EXPECT_FALSE(broker_.introduce(connection_id(1)));
  EXPECT_TRUE(broker_.connect(connection_id(1), client(), now_));
  EXPECT_EQ(broker_.connect(connection_id(1), client(), now_).error().code, ErrorCode::kNotPermitted);
  broker_.connection_gone(connection_id(1), now_);
  EXPECT_FALSE(broker_.introduce(connection_id(1)));
  EXPECT_FALSE(broker_.connect(connection_id(1), client(), now_));
}

TEST_F(BrokerTest, AConnectionIsToldApartUntilItIsLoggedOn) {
  bring_up();
  auto id = connect(1);
  EXPECT_EQ(broker_.logging_on(), 1U);
  authenticate(*id, "alice");
  EXPECT_EQ(shells(), Ids{*id});
  EXPECT_EQ(broker_.logging_on(), 0U);
}

TEST_F(BrokerTest, WaitsForASessionThatStarts) {
  broker_.spawn_connected(now_);
  EXPECT_FALSE(connect(1)) << "before anything is there";
  start_all();
  auto given = taken<AttachAction>();
  ASSERT_EQ(given.size(), 1U);
  EXPECT_EQ(given[0].connection, connection_id(1));
  EXPECT_FALSE(given[0].logged_on);
  EXPECT_EQ(given[0].client.name.view(), "PC");
}

TEST_F(BrokerTest, ThoseWhoWaitAreServedInOrder) {
  bring_up();
  (void)connect(1);
  (void)connect(2);
  EXPECT_FALSE(connect(3));
  EXPECT_EQ(broker_.logging_on(), 3U);
  start_all();
  auto given = taken<AttachAction>();
  ASSERT_EQ(given.size(), 1U);
  EXPECT_EQ(given[0].connection, connection_id(3));
}

TEST_F(BrokerTest, RefusesMoreThanMaxLogon) {
  bring_up();
  for (int n : {1, 2}) EXPECT_TRUE(connect(n));
  start_all();
  EXPECT_TRUE(connect(3));
  EXPECT_FALSE(connect(4));
  auto refused = taken<RefuseAction>();
  ASSERT_EQ(refused.size(), 1U);
  EXPECT_EQ(refused[0].connection, connection_id(4));
  EXPECT_EQ(refused[0].reason, EndReason::kServerDenied);
  EXPECT_NE(refused[0].message.find("max_logon"), std::string::npos);
  EXPECT_EQ(refused[0].limit, "sessions.max_logon");
  broker_.connection_gone(connection_id(1), now_);
  start_all();
  EXPECT_TRUE(connect(5)) << "a place is free again";
}

TEST_F(BrokerTest, ARefusedLogonCountsNoMoreWhileItsClientStays) {
  bring_up();
  for (int n : {1, 2, 3}) {
    auto id = connect(n);
    ASSERT_TRUE(id);
    announce(*id, State::kDown);  // refused; the stack still waits for its client's close
    start_all();
  }
  EXPECT_EQ(broker_.logging_on(), 0U);
  auto id = connect(4);
  EXPECT_TRUE(id);
  EXPECT_TRUE(taken<RefuseAction>().empty());
  EXPECT_EQ(broker_.logging_on(), 1U);
  gone(*id);
  EXPECT_EQ(broker_.logging_on(), 0U) << "its host died";
}

TEST_F(BrokerTest, RefusesMoreThanMax) {
  bring_up();
  for (int n = 1; n <= 5; ++n)
    (void)log_on(n, ("user" + std::to_string(n)).c_str(), 1000 + static_cast<unsigned>(n));
  EXPECT_EQ(broker_.table().count(), 5U);
  EXPECT_EQ(idle_count(), 0U);
  EXPECT_FALSE(connect(6));
  auto refused = taken<RefuseAction>();
  ASSERT_EQ(refused.size(), 1U);
  EXPECT_NE(refused[0].message.find("sessions.max"), std::string::npos);
  EXPECT_EQ(refused[0].limit, "sessions.max");
  // While one of them ends there is hope.
  broker_.end_session(2, EndReason::kLoggedOffByAdmin);
  EXPECT_FALSE(connect(7));
  EXPECT_TRUE(taken<RefuseAction>().empty());
  gone(2);
  start_all();
  EXPECT_EQ(taken<AttachAction>().size(), 1U);
}

TEST_F(BrokerTest, WaitingEndsAfterAWhile) {
  bring_up();
  broker_.spawn_lost(now_);
  (void)connect(1);
  (void)connect(2);
  EXPECT_FALSE(connect(3));
  ASSERT_TRUE(broker_.next_deadline());
  EXPECT_EQ(*broker_.next_deadline(), now_ + 10s);
  pass(10s - 1ms);
  EXPECT_TRUE(taken<RefuseAction>().empty());
  pass(1ms);
  auto refused = taken<RefuseAction>();
  ASSERT_EQ(refused.size(), 1U);
  EXPECT_EQ(refused[0].connection, connection_id(3));
  EXPECT_EQ(refused[0].limit, "");
  EXPECT_EQ(broker_.logging_on(), 2U);
}

TEST_F(BrokerTest, AConnectionThatGoesWhileItWaitsIsForgotten) {
  broker_.spawn_connected(now_);
  EXPECT_FALSE(connect(1));
  broker_.connection_gone(connection_id(1), now_);
  EXPECT_EQ(broker_.logging_on(), 0U);
  start_all();
  EXPECT_TRUE(taken<AttachAction>().empty());
  EXPECT_EQ(idle_count(), 2U) << "what was started for it is not one too many";
  broker_.connection_gone(connection_id(9), now_);
}

TEST_F(BrokerTest, ASessionWhoseConnectionWentUnseenIsFreeAgain) {
  bring_up();
  EXPECT_TRUE(broker_.introduce(connection_id(1)));
  EXPECT_TRUE(broker_.connect(connection_id(1), client(), now_));
  EXPECT_EQ(taken<AttachAction>().size(), 1U);
  start_all();
  broker_.connection_gone(connection_id(1), now_);
  announce(1, State::kIdle);
  EXPECT_FALSE(broker_.table().find(1)->idle()) << "the host may still be about to hear of it";
  pass(5s);
  EXPECT_TRUE(broker_.table().find(1) == nullptr || broker_.table().find(1)->idle());
}

TEST_F(BrokerTest, AnOlderAnnouncementDoesNotGiveASessionAwayTwice) {
  bring_up();
  EXPECT_TRUE(broker_.introduce(connection_id(1)));
  EXPECT_TRUE(broker_.connect(connection_id(1), client(), now_));
  ASSERT_EQ(taken<AttachAction>().at(0).session, 1U);
  announce(1, State::kIdle);  // was on its way
  EXPECT_EQ(connect(2), 2U);
}

TEST_F(BrokerTest, AFailedLogonIsNoFailureOfTheSession) {
  bring_up();
  auto id = connect(1);
  start_all();
  detach(*id);
  gone(*id);
  EXPECT_TRUE(taken<StartFailedAction>().empty());
  EXPECT_EQ(idle_count(), 2U);
}

TEST_F(BrokerTest, AHostThatIsGoneWhenItIsToBeAttachedIsReplacedByAnother) {
  bring_up();
  EXPECT_TRUE(broker_.introduce(connection_id(1)));
  EXPECT_TRUE(broker_.connect(connection_id(1), client(), now_));
  auto first = taken<AttachAction>().at(0);
  gone(first.session);
  broker_.attach_failed(first, now_);
  auto second = taken<AttachAction>();
  ASSERT_EQ(second.size(), 1U);
  EXPECT_NE(second[0].session, first.session);
  EXPECT_EQ(second[0].connection, connection_id(1));
}

TEST_F(BrokerTest, AUserComesBackToTheirSession) {
  bring_up();
  SessionId own = log_on(1, "alice");
  detach(own);
  broker_.connection_gone(connection_id(1), now_);
  auto temporary = connect(2);
  ASSERT_TRUE(temporary);
  authenticate(*temporary, "alice");
  EXPECT_TRUE(shells().empty());
  auto moved = taken<AttachAction>();
  ASSERT_EQ(moved.size(), 1U);
  EXPECT_EQ(moved[0].session, own);
  EXPECT_EQ(moved[0].connection, connection_id(2));
  EXPECT_TRUE(moved[0].logged_on);
  carry_out(moved[0]);
  EXPECT_TRUE(ends().empty()) << "its host knows what becomes of it";
  EXPECT_EQ(broker_.logging_on(), 0U);
  EXPECT_TRUE(broker_.in_use());
  // The temporary host lets its stack go and ends; nothing is told and nothing is tried again.
  detach(*temporary);
  gone(*temporary);
  start_all();
  EXPECT_TRUE(taken<StartFailedAction>().empty());
  EXPECT_EQ(idle_count(), 2U);
}

TEST_F(BrokerTest, ATemporarySessionThatWasShownToNobodyIsIdleAgain) {
  bring_up();
  SessionId own = log_on(1, "alice");
  detach(own);
  auto temporary = connect(2);
  authenticate(*temporary, "alice");
  carry_out(taken<AttachAction>().at(0));
  host(*temporary).attached = 0;
  host(*temporary).connection = {};
  announce(*temporary, State::kIdle);
  EXPECT_TRUE(broker_.table().find(*temporary)->idle());
  EXPECT_FALSE(broker_.table().find(*temporary)->used) << "as one that nobody has had";
  start_all();
  EXPECT_LE(idle_count(), 3U);
  for (auto [id, reason] : ends()) gone(id);
  EXPECT_EQ(idle_count(), 2U);
  EXPECT_TRUE(broker_.table().find(*temporary)) << "the newest goes";
}

TEST_F(BrokerTest, WhoComesWhileATemporarySessionIsClearedHasHope) {
  bring_up();
  SessionId own = log_on(1, "user1", 1001);
  for (int n = 2; n <= 4; ++n)
    (void)log_on(n, ("user" + std::to_string(n)).c_str(), 1000 + static_cast<unsigned>(n));
  detach(own);
  broker_.connection_gone(connection_id(1), now_);
  auto temporary = connect(5);
  ASSERT_TRUE(temporary);
  authenticate(*temporary, "user1", 1001);
  carry_out(taken<AttachAction>().at(0));
  EXPECT_FALSE(connect(6));
  EXPECT_TRUE(taken<RefuseAction>().empty());
  host(*temporary).attached = 0;
  host(*temporary).connection = {};
  announce(*temporary, State::kIdle);
  auto given = taken<AttachAction>();
  ASSERT_EQ(given.size(), 1U);
  EXPECT_EQ(given[0].session, *temporary);
}

TEST_F(BrokerTest, ASecondClientTakesTheSessionOver) {
  bring_up();
  SessionId own = log_on(1, "alice");
  auto temporary = connect(2);
  authenticate(*temporary, "alice");
  auto moved = taken<AttachAction>();
  ASSERT_EQ(moved.size(), 1U);
  carry_out(moved[0]);
  // The first connection's end says nothing about the session now.
  broker_.connection_gone(connection_id(1), now_);
  EXPECT_EQ(broker_.table().find(own)->taken_by, connection_id(2));
}

TEST_F(BrokerTest, AnAccountIsItsUidWhateverDomainAClientNames) {
  bring_up();
  (void)log_on(1, "alice", 1000);
  auto other_uid = connect(2);
  authenticate(*other_uid, "alice", 1001);
  EXPECT_EQ(shells(), Ids{*other_uid});
  shell_runs(*other_uid, "alice", 1001);
  start_all();
  auto other_domain = connect(3);
  authenticate(*other_domain, "alice", 1000, "FARM");
  EXPECT_TRUE(shells().empty()) << "they have a session already";
}

TEST_F(BrokerTest, OfTwoFirstLogonsOneWinsAndTheOtherFollows) {
  bring_up();
  auto first = connect(1);
  auto second = connect(2);
  start_all();
  authenticate(*first, "alice");
  authenticate(*second, "alice");
  EXPECT_EQ(shells(), Ids{*first});
  EXPECT_TRUE(taken<AttachAction>().empty());
  authenticate(*second, "alice");  // said again: the same
  shell_runs(*first, "alice");
  auto moved = taken<AttachAction>();
  ASSERT_EQ(moved.size(), 1U);
  EXPECT_EQ(moved[0].session, *first);
  EXPECT_EQ(moved[0].connection, connection_id(2));
  carry_out(moved[0]);
  EXPECT_TRUE(broker_.table().find(*second)->returning);
}

TEST_F(BrokerTest, IfTheWinnerEndsTheOtherStartsAfresh) {
  bring_up();
  auto first = connect(1);
  auto second = connect(2);
  start_all();
  authenticate(*first, "alice");
  authenticate(*second, "alice");
  EXPECT_EQ(shells(), Ids{*first});
  gone(*first);
  EXPECT_EQ(shells(), Ids{*second});
}

TEST_F(BrokerTest, OneWhoWaitedAndWentIsNotBroughtAnywhere) {
  bring_up();
  auto first = connect(1);
  auto second = connect(2);
  authenticate(*first, "alice");
  authenticate(*second, "alice");
  (void)shells();
  broker_.connection_gone(connection_id(2), now_);
  shell_runs(*first, "alice");
  EXPECT_TRUE(taken<AttachAction>().empty());
}

TEST_F(BrokerTest, AnOwnSessionThatVanishesInThatInstantIsReplacedByTheTemporaryOne) {
  bring_up();
  SessionId own = log_on(1, "alice");
  auto temporary = connect(2);
  authenticate(*temporary, "alice");
  auto moved = taken<AttachAction>().at(0);
  gone(own);
  broker_.attach_failed(moved, now_);
  EXPECT_EQ(shells(), Ids{*temporary});
  EXPECT_TRUE(ends().empty());
}

TEST_F(BrokerTest, AStackThatVanishesInThatInstantTakesNobodyAway) {
  bring_up();
  SessionId own = log_on(1, "alice");
  auto temporary = connect(2);
  authenticate(*temporary, "alice");
  auto moved = taken<AttachAction>().at(0);
  broker_.connection_gone(connection_id(2), now_);
  broker_.attach_failed(moved, now_);
  EXPECT_EQ(broker_.table().find(own)->taken_by, connection_id(1)) << "still the first one's";
  EXPECT_TRUE(shells().empty());
}

TEST_F(BrokerTest, AnEndingSessionIsNobodysOwn) {
  bring_up();
  SessionId own = log_on(1, "alice");
  broker_.end_session(own, EndReason::kLoggedOffByUser);
  broker_.end_session(own, EndReason::kLoggedOffByUser);
  EXPECT_EQ(ends(), (Ends{{own, EndReason::kLoggedOffByUser}})) << "told once";
  auto next = connect(2);
  authenticate(*next, "alice");
  EXPECT_EQ(shells(), Ids{*next});
}

TEST_F(BrokerTest, AuthenticatedIsHeardOnlyWhereItMakesSense) {
  bring_up();
  Authenticated message;
  broker_.authenticated(77, message, now_);
  SessionId own = log_on(1, "alice");
  authenticate(own, "alice");  // logged on already
  authenticate(own, "mallory", 1002);
  EXPECT_TRUE(shells().empty());
  EXPECT_TRUE(taken<AttachAction>().empty());
}

TEST_F(BrokerTest, ALostStartShellIsSentAgainWhenTheHostAsksAgain) {
  bring_up();
  auto id = connect(1);
  authenticate(*id, "alice");
  EXPECT_EQ(shells(), Ids{*id});
  authenticate(*id, "alice");
  EXPECT_EQ(shells(), Ids{*id});
}

TEST_F(BrokerTest, AfterARestartALogonUnderWayIsFinished) {
  // The stack's own connection to the manager is lost; what its host says is enough for a new session ...
  broker_.spawn_connected(now_);
  (void)starts();
  broker_.spawn_replied(0, EEXIST, "", now_);
  announce(0, State::kConn);
  host(4).attached = 1;
  host(4).connection = connection_id(1);
  announce(4, State::kConn);
  authenticate(4, "alice");
  EXPECT_EQ(shells(), Ids{4});
  shell_runs(4, "alice");
  // ... but not for a move to the user's own one.
  host(5).attached = 1;
  host(5).connection = connection_id(2);
  announce(5, State::kConn);
  authenticate(5, "alice");
  EXPECT_TRUE(taken<AttachAction>().empty());
  EXPECT_EQ(ends(), (Ends{{5, EndReason::kServerDenied}}));
}

}  // namespace
}  // namespace ts::session
