// The pool: what is started when, what follows a failure, and what a restart of the manager finds.
#include "tests/unit/session/broker_fixture.h"

namespace ts::session {
namespace {

using Ids = std::vector<SessionId>;
using Ends = std::vector<std::pair<SessionId, EndReason>>;

TEST_F(BrokerTest, ConsoleFirstThenIdleSessions) {
  EXPECT_TRUE(starts().empty());
  EXPECT_FALSE(broker_.next_deadline());
  broker_.spawn_connected(now_);
  EXPECT_EQ(starts(), Ids{0});
  broker_.spawn_replied(0, 0, "", now_);
  EXPECT_EQ(starts(), (Ids{1, 2}));
  broker_.spawn_replied(1, 0, "", now_);
  broker_.spawn_replied(2, 0, "", now_);
  for (SessionId id : {0, 1, 2}) {
    announce(id, State::kInit);
    EXPECT_FALSE(broker_.ready());
  }
  announce(0, State::kConn);
  announce(1, State::kIdle);
  EXPECT_FALSE(broker_.ready());
  announce(2, State::kIdle);
  EXPECT_TRUE(broker_.ready());
  EXPECT_TRUE(starts().empty());
  EXPECT_FALSE(broker_.next_deadline()) << "nothing left to wait for";
}

TEST_F(BrokerTest, RefillsAtOnceUpToMax) {
  bring_up();
  EXPECT_EQ(connect(1), 1U);
  EXPECT_EQ(starts(), Ids{3}) << "one is started while one that is ready is taken";
  EXPECT_EQ(connect(2), 2U);
  EXPECT_EQ(starts(), Ids{4});
}

class BrokerRefillTest : public BrokerTest {
 protected:
  BrokerRefillTest() : BrokerTest({.idle = 2, .max = 9, .max_logon = 9, .refill_pause = 300ms}) {}
};

TEST_F(BrokerRefillTest, ThePoolIsRefilledWhenTheLogonHadItsTime) {
  bring_up();
  EXPECT_EQ(connect(1), 1U);
  EXPECT_TRUE(starts().empty()) << "the logon has the processors first";
  pass(200ms);
  EXPECT_EQ(connect(2), 2U);
  EXPECT_TRUE(starts().empty());
  ASSERT_TRUE(broker_.next_deadline());
  EXPECT_EQ(*broker_.next_deadline(), now_ + 100ms) << "a second logon does not put it off any longer";
  pass(99ms);
  EXPECT_TRUE(starts().empty());
  pass(1ms);
  EXPECT_EQ(starts(), (Ids{3, 4}));
}

TEST_F(BrokerRefillTest, WhoFindsThePoolEmptyDoesNotWaitForThePause) {
  bring_up();
  for (int n : {1, 2}) (void)connect(n);
  EXPECT_TRUE(starts().empty());
  EXPECT_FALSE(connect(3));
  EXPECT_EQ(starts(), Ids{3});
  pass(300ms);
  EXPECT_EQ(starts(), (Ids{4, 5})) << "one for who waits, two for the pool";
}

TEST_F(BrokerTest, TheConsoleIsNotCountedAndNotGivenAway) {
  bring_up();
  for (int n : {1, 2}) (void)connect(n);
  start_all();
  EXPECT_EQ(broker_.table().count(), 4U);
  EXPECT_EQ(broker_.table().records().size(), 5U);
  EXPECT_EQ(host(0).attached, 0U);
}

TEST_F(BrokerTest, AnEndedSessionIsReplacedUnderAnotherId) {
  bring_up();
  pass(1min);
  gone(1);
  EXPECT_EQ(starts(), Ids{3});
  broker_.host_ended(1, 0, now_);
  EXPECT_TRUE(starts().empty()) << "heard of twice, replaced once";
  gone(0);
  EXPECT_TRUE(starts().empty()) << "its number is taken until tsspawn has seen its end";
  broker_.host_ended(0, 0, now_);
  EXPECT_EQ(starts(), Ids{0}) << "the console is always session 0";
  broker_.spawn_replied(0, 0, "", now_);
  broker_.host_ended(0, 0, now_);
  EXPECT_TRUE(starts().empty()) << "one that never came up is tried again after a pause";
}

TEST_F(BrokerTest, FailuresAreToldOnceAndRetriedWithGrowingPauses) {
  broker_.spawn_connected(now_);
  Ids asked = starts();
  EXPECT_EQ(asked, Ids{0});
  std::chrono::milliseconds pause{1000};
  for (int round = 0; round < 9; ++round) {
    for (SessionId id : asked) broker_.spawn_replied(id, ENOENT, "Xvfb is not installed", now_);
    auto told = taken<StartFailedAction>();
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(told[0].message, "Xvfb is not installed");
    EXPECT_EQ(told[0].pause, pause);
    EXPECT_TRUE(starts().empty());
    ASSERT_TRUE(broker_.next_deadline());
    EXPECT_EQ(*broker_.next_deadline(), now_ + pause);
    pass(pause - 1ms);
    EXPECT_TRUE(starts().empty());
    pass(1ms);
    asked = starts();
    EXPECT_EQ(asked.size(), 3U) << round;
    EXPECT_EQ(asked.front(), 0U);
    pause = std::min<std::chrono::milliseconds>(pause * 2, 60s);
  }
}

TEST_F(BrokerTest, SeveralThatFailAtOnceAreOneLine) {
  bring_up();
  for (SessionId id : {0, 1, 2}) {
    gone(id);
    broker_.host_ended(id, 0, now_);
  }
  EXPECT_EQ(taken<StartFailedAction>().size(), 1U);
  EXPECT_TRUE(starts().empty());
  pass(1s);
  EXPECT_EQ(starts().size(), 3U);
}

TEST_F(BrokerTest, AHostThatSaysItGoesDownBeforeItWasUpHasFailed) {
  broker_.spawn_connected(now_);
  for (SessionId id : starts()) broker_.spawn_replied(id, 0, "", now_);
  announce(0, State::kInit);
  announce(0, State::kDown);
  EXPECT_TRUE(taken<StartFailedAction>().empty());
  gone(0);
  EXPECT_EQ(taken<StartFailedAction>().size(), 1U);
}

TEST_F(BrokerTest, AFailureEndsWithTheFirstSuccess) {
  broker_.spawn_connected(now_);
  broker_.spawn_replied(0, ENOENT, "no", now_);
  (void)taken<StartFailedAction>();
  (void)starts();
  pass(1s);
  start_all();
  EXPECT_TRUE(broker_.ready());
  pass(1min);
  gone(0);
  broker_.host_ended(0, 0, now_);
  EXPECT_TRUE(taken<StartFailedAction>().empty()) << "it had run well";
  EXPECT_EQ(starts(), Ids{0});
}

TEST_F(BrokerTest, ADisplayServerThatNeverComesUpIsGivenUp) {
  broker_.spawn_connected(now_);
  broker_.spawn_replied(0, 0, "", now_);
  (void)starts();
  announce(0, State::kInit);
  ASSERT_TRUE(broker_.next_deadline());
  EXPECT_EQ(*broker_.next_deadline(), now_ + 30s);
  pass(30s - 1ms);
  EXPECT_TRUE(taken<EndHostAction>().empty());
  pass(1ms);
  EXPECT_EQ(taken<EndHostAction>().size(), 3U);
  EXPECT_EQ(taken<StartFailedAction>().size(), 1U);
}

TEST_F(BrokerTest, WithoutTsspawnNothingIsAskedAndLostRequestsAreAskedAgain) {
  broker_.spawn_connected(now_);
  EXPECT_EQ(starts(), Ids{0});
  broker_.spawn_lost(now_);
  EXPECT_TRUE(starts().empty());
  EXPECT_TRUE(broker_.table().records().empty());
  broker_.spawn_connected(now_);
  EXPECT_EQ(starts(), Ids{0});
}

TEST_F(BrokerTest, HostsThatEndWithTsspawnHaveNotFailedToStart) {
  broker_.spawn_connected(now_);
  EXPECT_EQ(starts(), Ids{0});
  broker_.spawn_replied(0, 0, "", now_);
  EXPECT_EQ(starts(), (Ids{1, 2}));
  announce(0, State::kInit);
  broker_.spawn_lost(now_);
  gone(0);
  EXPECT_TRUE(taken<StartFailedAction>().empty());
  EXPECT_TRUE(starts().empty());
  broker_.spawn_connected(now_);
  EXPECT_EQ(starts(), (Ids{0, 3, 4})) << "at once";
}

TEST_F(BrokerTest, AfterARestartLivingHostsAreWaitedFor) {
  broker_.spawn_connected(now_);
  EXPECT_EQ(starts(), Ids{0});
  broker_.spawn_replied(0, EEXIST, "", now_);
  EXPECT_TRUE(starts().empty());
  EXPECT_EQ(*broker_.next_deadline(), now_ + 2s);
  announce(7, State::kIdle);
  host(3).user.assign("alice");
  host(3).uid = 1000;
  announce(3, State::kDisc);
  announce(0, State::kConn);
  EXPECT_TRUE(starts().empty());
  EXPECT_FALSE(broker_.ready());
  pass(2s);
  EXPECT_EQ(starts(), Ids{8}) << "one is idle, one is missing; ids that live are not used again";
  EXPECT_EQ(broker_.table().find(3)->state.user.view(), "alice");
}

TEST_F(BrokerTest, AConsoleThatIsThereBeforeTsspawnMeansARestartToo) {
  announce(0, State::kConn);
  announce(4, State::kIdle);
  broker_.spawn_connected(now_);
  EXPECT_TRUE(starts().empty());
  pass(2s);
  EXPECT_EQ(starts(), Ids{5});
}

TEST_F(BrokerTest, AnIdInUseIsPassedOver) {
  broker_.spawn_connected(now_);
  (void)starts();
  broker_.spawn_replied(0, 0, "", now_);
  EXPECT_EQ(starts(), (Ids{1, 2}));
  broker_.spawn_replied(1, EEXIST, "", now_);
  EXPECT_EQ(starts(), Ids{3});
  EXPECT_TRUE(taken<StartFailedAction>().empty());
}

TEST_F(BrokerTest, ASessionThatIsIdleAgainBeforeItsShellStartedIsNobodys) {
  bring_up();
  auto first = connect(1);
  authenticate(*first, "alice");
  EXPECT_EQ(shells(), Ids{*first});
  auto second = connect(2);
  authenticate(*second, "alice");
  EXPECT_TRUE(shells().empty()) << "her session is being started";
  broker_.connection_gone(connection_id(1), now_);
  host(*first).attached = 0;
  host(*first).connection = {};
  announce(*first, State::kIdle);
  EXPECT_EQ(shells(), Ids{*second});
}

TEST_F(BrokerTest, TooManyIdleOnesAreEnded) {
  bring_up();
  announce(9, State::kIdle);
  EXPECT_EQ(ends(), (std::vector<std::pair<SessionId, EndReason>>{{9, EndReason::kNone}}));
  announce(9, State::kIdle);
  EXPECT_TRUE(ends().empty()) << "told once";
}

TEST(SessionTable, IdsComeRound) {
  SessionTable table;
  table.add(65535, {});
  table.add(1, {});
  EXPECT_EQ(table.add(TimePoint{}).id(), 2U);
  EXPECT_EQ(table.add(TimePoint{}).id(), 3U);
  table.erase(65535);
  table.erase(3);
  EXPECT_EQ(table.add(TimePoint{}).id(), 4U);
}

TEST_F(BrokerTest, AResetSessionEndsAtOnceWhateverItsState) {
  bring_up();
  SessionId alices = log_on(1, "alice");
  broker_.end_session(alices, EndReason::kLoggedOffByUser);
  broker_.end_session(alices, EndReason::kLoggedOffByUser);
  auto told = taken<EndSessionAction>();
  ASSERT_EQ(told.size(), 1U);
  EXPECT_FALSE(told[0].at_once);
  broker_.reset_session(alices, EndReason::kLoggedOffByAdmin);
  told = taken<EndSessionAction>();
  ASSERT_EQ(told.size(), 1U) << "although it is ending";
  EXPECT_TRUE(told[0].at_once);
  EXPECT_EQ(told[0].reason, EndReason::kLoggedOffByAdmin);
  gone(alices);
  broker_.reset_session(alices, EndReason::kLoggedOffByAdmin);
  EXPECT_TRUE(taken<EndSessionAction>().empty()) << "there is none any more";
}

TEST_F(BrokerTest, AResetIdleSessionIsNotGivenAwayAndAnotherTakesItsPlace) {
  bring_up();
  broker_.reset_session(1, EndReason::kLoggedOffByAdmin);
  EXPECT_EQ(ends(), (Ends{{1, EndReason::kLoggedOffByAdmin}}));
  EXPECT_EQ(connect(1), 2U);
  gone(1);
  EXPECT_TRUE(taken<StartFailedAction>().empty());
  EXPECT_FALSE(starts().empty());
}

TEST_F(BrokerTest, AResetSessionWithoutAHostIsEndedByTsspawn) {
  broker_.spawn_connected(now_);
  ASSERT_EQ(starts(), Ids{kConsoleSession});
  broker_.reset_session(kConsoleSession, EndReason::kLoggedOffByAdmin);
  auto asked = taken<EndHostAction>();
  ASSERT_EQ(asked.size(), 1U);
  EXPECT_EQ(asked[0].session, kConsoleSession);
  broker_.host_ended(kConsoleSession, 0, now_);
  EXPECT_EQ(starts(), Ids{kConsoleSession}) << "the console is there always";
}

class NoIdle : public BrokerTest {
 protected:
  NoIdle() : BrokerTest({.idle = 0, .max = 2, .max_logon = 3}) {}
};

TEST_F(NoIdle, IsReadyWithTheConsoleAndStartsOnDemand) {
  bring_up();
  EXPECT_TRUE(broker_.ready());
  EXPECT_EQ(broker_.table().count(), 0U);
  EXPECT_FALSE(connect(1));
  EXPECT_EQ(starts(), Ids{1});
  announce(1, State::kInit);
  EXPECT_TRUE(taken<AttachAction>().empty());
  announce(1, State::kIdle);
  EXPECT_EQ(taken<AttachAction>().size(), 1U);
  EXPECT_TRUE(starts().empty());
}

}  // namespace
}  // namespace ts::session
