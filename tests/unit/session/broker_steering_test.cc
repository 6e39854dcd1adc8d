// What administrators do to connections: turning them away (tsctl drain, tsctl shutdown), moving them (tsctl
// connect).
#include "tests/unit/session/broker_fixture.h"

namespace ts::session {
namespace {

using Ids = std::vector<SessionId>;
using Ends = std::vector<std::pair<SessionId, EndReason>>;

TEST_F(BrokerTest, WhileLogonsAreClosedOnlyThoseWithASessionComeIn) {
  bring_up();
  SessionId alices = log_on(1, "alice");
  detach(alices);
  broker_.close(Closed{.message = "draining"});
  auto bobs = connect(2);
  ASSERT_TRUE(bobs) << "who it is shows later";
  authenticate(*bobs, "bob", 1001);
  EXPECT_TRUE(shells().empty());
  auto denied = taken<DenyShellAction>();
  ASSERT_EQ(denied.size(), 1U);
  EXPECT_EQ(denied[0].session, *bobs);
  EXPECT_EQ(denied[0].connection, connection_id(2));
  EXPECT_EQ(denied[0].notice, Notice::kDraining);
  EXPECT_EQ(denied[0].message, "draining");
  EXPECT_TRUE(ends().empty()) << "the logon screen says so";
  EXPECT_EQ(broker_.logging_on(), 1U);
  authenticate(*bobs, "bob", 1001);
  EXPECT_EQ(taken<DenyShellAction>().size(), 1U) << "another attempt";
  gone(*bobs);
  start_all();
  auto temporary = connect(3);
  ASSERT_TRUE(temporary);
  authenticate(*temporary, "alice");
  auto back = taken<AttachAction>();
  ASSERT_EQ(back.size(), 1U);
  EXPECT_EQ(back[0].session, alices);
  broker_.close(std::nullopt);
  start_all();
  (void)log_on(4, "bob", 1001);
}

TEST_F(BrokerTest, WhoseLogonHadBegunWhenTheyWereClosedComesIn) {
  bring_up();
  auto first = connect(1);
  authenticate(*first, "alice");
  EXPECT_EQ(shells(), Ids{*first});
  auto second = connect(2);
  broker_.close(Closed{});
  authenticate(*first, "alice");
  EXPECT_EQ(shells(), Ids{*first}) << "asked again: the answer was lost";
  authenticate(*second, "alice");
  EXPECT_TRUE(taken<RefuseAction>().empty());
  shell_runs(*first, "alice");
  auto back = taken<AttachAction>();
  ASSERT_EQ(back.size(), 1U);
  EXPECT_EQ(back[0].session, *first);
}

TEST_F(BrokerTest, WhoseLogonEndsWhenItIsClosedToAllHasToGo) {
  bring_up();
  auto bobs = connect(2);
  broker_.close(Closed{true, EndReason::kServerShutdown, "shutting down"});
  authenticate(*bobs, "bob", 1001);
  auto refused = taken<RefuseAction>();
  ASSERT_EQ(refused.size(), 1U);
  EXPECT_EQ(refused[0].connection, connection_id(2));
  EXPECT_EQ(refused[0].reason, EndReason::kServerShutdown);
  EXPECT_EQ(ends(), (Ends{{*bobs, EndReason::kServerShutdown}}));
}

TEST_F(BrokerTest, ClosedToAllRefusesConnectionsAtOnce) {
  bring_up();
  broker_.close(Closed{true, EndReason::kServerShutdown, "shutting down"});
  EXPECT_FALSE(connect(1));
  auto refused = taken<RefuseAction>();
  ASSERT_EQ(refused.size(), 1U);
  EXPECT_EQ(refused[0].reason, EndReason::kServerShutdown);
  EXPECT_EQ(broker_.logging_on(), 0U);
}

TEST_F(BrokerTest, AClientIsGivenAnotherSession) {
  bring_up();
  SessionId alices = log_on(1, "alice"), bobs = log_on(2, "bob", 1001);
  auto moved = broker_.move_client(bobs, alices);
  ASSERT_TRUE(moved);
  EXPECT_EQ(*moved, connection_id(2));
  auto given = taken<AttachAction>();
  ASSERT_EQ(given.size(), 1U);
  EXPECT_EQ(given[0].session, alices);
  EXPECT_EQ(given[0].connection, connection_id(2));
  EXPECT_TRUE(given[0].logged_on);
  EXPECT_FALSE(given[0].temporary);
  carry_out(given[0]);
  EXPECT_TRUE(ends().empty()) << "nobody's session ends";
  // The client that was there before goes, and takes nothing with it.
  broker_.connection_gone(connection_id(1), now_);
  detach(bobs);
  EXPECT_EQ(broker_.table().find(alices)->taken_by, connection_id(2));
  EXPECT_FALSE(broker_.table().find(bobs)->taken_by);
  // And back again.
  ASSERT_TRUE(broker_.move_client(alices, bobs));
  carry_out(taken<AttachAction>().at(0));
  detach(alices);
  EXPECT_EQ(broker_.table().find(bobs)->taken_by, connection_id(2));
}

TEST_F(BrokerTest, AClientThatCouldNotBeMovedStaysWhereItIs) {
  bring_up();
  SessionId alices = log_on(1, "alice"), bobs = log_on(2, "bob", 1001);
  ASSERT_TRUE(broker_.move_client(bobs, alices));
  auto given = taken<AttachAction>();
  gone(alices);
  broker_.attach_failed(given.at(0), now_);
  start_all();
  EXPECT_TRUE(taken<AttachAction>().empty()) << "it does not wait for a session: it has one";
  EXPECT_EQ(broker_.logging_on(), 0U);
  EXPECT_EQ(broker_.table().find(bobs)->taken_by, connection_id(2));
  EXPECT_EQ(broker_.move_client(bobs, alices).error().code, ErrorCode::kRefused);
}

TEST_F(BrokerTest, AClientFromBeforeARestartCannotBeMoved) {
  bring_up();
  SessionId alices = log_on(1, "alice"), bobs = log_on(2, "bob", 1001);
  broker_.connection_gone(connection_id(2), now_);
  EXPECT_EQ(broker_.move_client(bobs, alices).error().code, ErrorCode::kUnavailable);
  detach(bobs);
  EXPECT_EQ(broker_.move_client(bobs, alices).error().code, ErrorCode::kRefused) << "nobody is there";
  EXPECT_TRUE(taken<AttachAction>().empty());
}

TEST_F(BrokerTest, EndingAllLeavesOnlyWhatNobodyEverHad) {
  bring_up();
  EXPECT_FALSE(broker_.in_use());
  SessionId alices = log_on(1, "alice");
  SessionId bobs = log_on(2, "bob", 1001);
  detach(bobs);
  auto third = connect(3), fourth = connect(4);
  ASSERT_TRUE(third && fourth);
  EXPECT_FALSE(connect(5)) << "it waits";
  EXPECT_TRUE(broker_.in_use());
  broker_.close(Closed{true, EndReason::kServerShutdown, "shutting down"});
  broker_.end_all(EndReason::kServerShutdown);
  auto refused = taken<RefuseAction>();
  ASSERT_EQ(refused.size(), 1U);
  EXPECT_EQ(refused[0].connection, connection_id(5));
  EXPECT_EQ(refused[0].reason, EndReason::kServerShutdown);
  Ends expected;
  for (SessionId id : {alices, bobs, *third, *fourth}) expected.emplace_back(id, EndReason::kServerShutdown);
  EXPECT_EQ(ends(), expected);
  start_all();
  EXPECT_TRUE(broker_.in_use());
  for (const auto& [id, reason] : expected) gone(id);
  EXPECT_FALSE(broker_.in_use());
}

}  // namespace
}  // namespace ts::session
