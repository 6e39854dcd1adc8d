// Users with several sessions: who is asked, what is offered, and what becomes of a choice that the world has
// overtaken.
#include <gmock/gmock.h>

#include "tests/unit/session/broker_fixture.h"

namespace ts::session {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Ids = std::vector<SessionId>;
using Ends = std::vector<std::pair<SessionId, EndReason>>;

constexpr SessionId kNew = LogonChosen::kNewSession;

class BrokerChoiceTest : public BrokerTest {
 protected:
  explicit BrokerChoiceTest(std::uint32_t per_user = 2)
      : BrokerTest({.idle = 2, .max = 8, .max_logon = 5, .per_user = per_user}) {}

  /// Somebody logs on in a session of their own, which is returned.
  SessionId come(int connection, const char* user = "alice", std::uint32_t uid = 1000) {
    auto id = connect(connection);
    EXPECT_TRUE(id);
    start_all();
    authenticate(*id, user, uid);
    return id.value_or(0);
  }
  /// One more session of a user, started from the list or without one.
  SessionId one_more(int connection, const char* user = "alice", std::uint32_t uid = 1000) {
    SessionId id = come(connection, user, uid);
    if (!taken<OfferAction>().empty()) choose(id, kNew, uid);
    EXPECT_EQ(shells(), Ids{id});
    shell_runs(id, user, uid);
    start_all();
    return id;
  }
  void choose(SessionId id, SessionId chosen, std::uint32_t uid = 1000) {
    SessionChosen message;
    message.session_id = id;
    message.uid = uid;
    message.connection = host(id).connection;
    message.chosen = chosen;
    broker_.chosen(id, message, now_);
  }
  /// Ids of the one offer that was made since, in their order.
  Ids offered() {
    auto offers = taken<OfferAction>();
    EXPECT_EQ(offers.size(), 1U);
    last_ = offers.empty() ? OfferAction{} : offers[0];
    Ids ids;
    for (std::uint32_t i = 0; i < last_.choice.count; ++i) ids.push_back(last_.choice.entries.at(i).id);
    return ids;
  }
  bool with_new() const { return last_.choice.may_start_new != 0; }
  /// The client goes; the host says since when, and who it was.
  void leave(SessionId id, std::int64_t time = 0) {
    host(id).last_client = client();
    host(id).disconnect_time = time;
    broker_.connection_gone(host(id).connection, now_);
    detach(id);
  }

  OfferAction last_;
};

TEST_F(BrokerChoiceTest, WithoutASessionNobodyIsAsked) {
  bring_up();
  SessionId id = come(1);
  EXPECT_THAT(taken<OfferAction>(), IsEmpty());
  EXPECT_EQ(shells(), Ids{id});
}

TEST_F(BrokerChoiceTest, WhoHasOneIsAskedAndGetsANewOneWhereTheyAre) {
  bring_up();
  SessionId own = one_more(1);
  SessionId second = come(2);
  EXPECT_EQ(offered(), Ids{own});
  EXPECT_TRUE(with_new());
  EXPECT_EQ(last_.session, second);
  EXPECT_EQ(last_.connection, connection_id(2));
  EXPECT_EQ(last_.choice.notice, Notice::kNone);
  EXPECT_THAT(shells(), IsEmpty());
  EXPECT_EQ(broker_.logging_on(), 1U) << "a list that is up is a logon under way";
  choose(second, kNew);
  EXPECT_EQ(shells(), Ids{second});
  EXPECT_THAT(taken<AttachAction>(), IsEmpty());
  EXPECT_EQ(broker_.logging_on(), 0U);
}

TEST_F(BrokerChoiceTest, TheChosenOneIsTakenOver) {
  bring_up();
  SessionId first = one_more(1), second = one_more(2);
  leave(second);
  SessionId temporary = come(3);
  EXPECT_EQ(offered(), (Ids{second, first}));
  EXPECT_FALSE(with_new()) << "two are all";
  choose(temporary, first);
  auto moved = taken<AttachAction>();
  ASSERT_EQ(moved.size(), 1U);
  EXPECT_EQ(moved[0].session, first);
  EXPECT_EQ(moved[0].connection, connection_id(3));
  EXPECT_TRUE(moved[0].logged_on);
  carry_out(moved[0]);
  EXPECT_TRUE(broker_.table().find(temporary)->returning);
  EXPECT_EQ(broker_.logging_on(), 0U);
  EXPECT_EQ(broker_.table().find(second)->state.state, State::kDisc) << "nobody touched the other one";
}

TEST_F(BrokerChoiceTest, NobodyIsShownOrGivenWhatIsAnothersOrNobodys) {
  bring_up();
  SessionId alices = one_more(1), bobs = one_more(2, "bob", 1001);
  SessionId temporary = come(3);
  EXPECT_EQ(offered(), Ids{alices});
  SessionId idle = broker_.table().records().rbegin()->first;
  for (SessionId other : {bobs, kConsoleSession, temporary, idle, SessionId{777}, SessionId{70'000}}) {
    choose(temporary, other);
    EXPECT_EQ(offered(), Ids{alices}) << other;
    EXPECT_EQ(last_.choice.notice, Notice::kSessionGone);
  }
  EXPECT_THAT(taken<AttachAction>(), IsEmpty());
  EXPECT_THAT(shells(), IsEmpty());
}

TEST_F(BrokerChoiceTest, OneThatEndsMeanwhileIsSaid) {
  bring_up();
  SessionId first = one_more(1), second = one_more(2);
  SessionId temporary = come(3);
  (void)offered();
  broker_.end_session(first, EndReason::kLoggedOffByAdmin);
  (void)ends();
  choose(temporary, first);
  EXPECT_EQ(offered(), Ids{second});
  EXPECT_EQ(last_.choice.notice, Notice::kSessionGone);
  EXPECT_TRUE(with_new()) << "there is room again";
  gone(first);
  gone(second);
  choose(temporary, second);
  EXPECT_THAT(offered(), IsEmpty()) << "all that is left is to start one";
  EXPECT_TRUE(with_new());
  choose(temporary, kNew);
  EXPECT_EQ(shells(), Ids{temporary});
}

TEST_F(BrokerChoiceTest, OneThatEndsInThatInstantIsSaidToo) {
  bring_up();
  SessionId own = one_more(1);
  SessionId temporary = come(2);
  (void)offered();
  choose(temporary, own);
  auto moved = taken<AttachAction>().at(0);
  gone(own);
  broker_.attach_failed(moved, now_);
  EXPECT_THAT(offered(), IsEmpty());
  EXPECT_EQ(last_.choice.notice, Notice::kSessionGone);
  EXPECT_TRUE(with_new());
  EXPECT_THAT(shells(), IsEmpty()) << "nothing is started that nobody asked for";
}

TEST_F(BrokerChoiceTest, OfTwoWhoWantTheLastNewOneOneIsToldWhyNot) {
  bring_up();
  SessionId own = one_more(1);
  SessionId one = come(2);
  (void)offered();
  SessionId other = come(3);
  (void)offered();
  EXPECT_TRUE(with_new());
  choose(one, kNew);
  choose(other, kNew);
  EXPECT_EQ(shells(), Ids{one});
  EXPECT_EQ(offered(), Ids{own});
  EXPECT_FALSE(with_new());
  EXPECT_EQ(last_.choice.notice, Notice::kTooManySessions);
  shell_runs(one, "alice");
  choose(other, kNew);
  EXPECT_EQ(offered().size(), 2U);
  EXPECT_EQ(last_.choice.notice, Notice::kTooManySessions);
  choose(other, one);
  EXPECT_EQ(taken<AttachAction>().at(0).session, one);
}

TEST_F(BrokerChoiceTest, WithNothingToListTheFormSaysThatThereAreTooMany) {
  bring_up();
  SessionId own = one_more(1);
  SessionId third = come(2);
  (void)offered();
  gone(own);
  SessionId a = come(3), b = come(4);
  EXPECT_EQ(shells(), (Ids{a, b})) << "both may";
  choose(third, kNew);
  auto denied = taken<DenyShellAction>();
  ASSERT_EQ(denied.size(), 1U);
  EXPECT_EQ(denied[0].session, third);
  EXPECT_EQ(denied[0].notice, Notice::kTooManySessions);
  EXPECT_EQ(denied[0].limit, "sessions.per_user");
  EXPECT_THAT(shells(), IsEmpty());
}

TEST_F(BrokerChoiceTest, WhoComesWhileAllTheirSessionsBeginWaitsAndIsAskedThen) {
  bring_up();
  SessionId a = come(1), b = come(2), c = come(3);
  EXPECT_EQ(shells(), (Ids{a, b}));
  EXPECT_THAT(taken<OfferAction>(), IsEmpty());
  shell_runs(b, "alice");
  EXPECT_EQ(offered(), Ids{b});
  EXPECT_EQ(last_.session, c);
  EXPECT_FALSE(with_new()) << "the other one is still beginning";
  broker_.shell_failed(a, connection_id(1));
  choose(c, kNew);
  EXPECT_EQ(shells(), Ids{c});
}

TEST_F(BrokerChoiceTest, WhileNewLogonsAreOffOnlyWhatIsThereCanBeChosen) {
  bring_up();
  SessionId own = one_more(1);
  SessionId early = come(2);
  (void)offered();
  EXPECT_TRUE(with_new());
  broker_.close(Closed{false, EndReason::kServerDenied, "draining"});
  choose(early, kNew);
  EXPECT_EQ(offered(), Ids{own});
  EXPECT_EQ(last_.choice.notice, Notice::kDraining);
  EXPECT_FALSE(with_new());
  SessionId late = come(3);
  EXPECT_EQ(offered(), Ids{own});
  EXPECT_FALSE(with_new());
  choose(late, own);
  carry_out(taken<AttachAction>().at(0));
  gone(own);
  choose(early, own);
  EXPECT_EQ(taken<DenyShellAction>().at(0).notice, Notice::kDraining) << "nothing is left to choose";
  EXPECT_THAT(taken<OfferAction>(), IsEmpty());
}

TEST_F(BrokerChoiceTest, ClientsAreMovedBetweenSessionsOfOneUserAsElsewhere) {
  bring_up();
  SessionId first = one_more(1), second = one_more(2);
  leave(first);
  ASSERT_TRUE(broker_.move_client(second, first));
  carry_out(taken<AttachAction>().at(0));
  detach(second);
  (void)come(3);
  EXPECT_EQ(offered(), (Ids{second, first})) << "the one that is left comes first";
}

TEST_F(BrokerChoiceTest, AChoiceIsHeardOnlyWhereSomebodyLogsOn) {
  bring_up();
  SessionId own = one_more(1);
  choose(own, kNew);
  choose(777, kNew);
  EXPECT_THAT(shells(), IsEmpty());
  EXPECT_THAT(taken<OfferAction>(), IsEmpty());
}

TEST_F(BrokerChoiceTest, AConnectionThatCameBeforeARestartIsNotOfferedWhatItCannotHave) {
  bring_up();
  SessionId own = one_more(1);
  host(9).attached = 1;
  host(9).connection = connection_id(2);
  announce(9, State::kConn);
  authenticate(9, "alice");
  EXPECT_THAT(taken<OfferAction>(), IsEmpty());
  EXPECT_EQ(ends(), (Ends{{9, EndReason::kServerDenied}}));
  // Whoever chose while the manager was away still gets a new one.
  host(10).attached = 1;
  host(10).connection = connection_id(3);
  announce(10, State::kConn);
  choose(10, kNew);
  EXPECT_EQ(shells(), Ids{10});
  EXPECT_NE(own, 10U);
}

TEST_F(BrokerChoiceTest, ALogonThatWasLostIsNoSessionOfWhoeverLogsOnThereNext) {
  bring_up();
  SessionId id = come(1);
  EXPECT_EQ(shells(), Ids{id});
  authenticate(id, "bob", 1001);  // alice's was not started after all
  EXPECT_EQ(shells(), Ids{id});
  SessionId a = come(2), b = come(3);
  EXPECT_EQ(shells(), (Ids{a, b})) << "none of hers is begun";
}

class BrokerAnyNumberTest : public BrokerChoiceTest {
 protected:
  BrokerAnyNumberTest() : BrokerChoiceTest(0) {}
};

TEST_F(BrokerAnyNumberTest, AsManyAsTheyLike) {
  bring_up();
  for (int n = 1; n <= 5; ++n) (void)one_more(n);
  (void)come(6);
  EXPECT_EQ(offered().size(), 5U);
  EXPECT_TRUE(with_new());
}

class BrokerOneEachTest : public BrokerChoiceTest {
 protected:
  BrokerOneEachTest() : BrokerChoiceTest(1) {}
};

TEST_F(BrokerOneEachTest, NobodyIsAskedAboutTheirOnlyOne) {
  bring_up();
  SessionId own = one_more(1);
  (void)come(2);
  EXPECT_THAT(taken<OfferAction>(), IsEmpty());
  EXPECT_EQ(taken<AttachAction>().at(0).session, own);
}

TEST_F(BrokerOneEachTest, WhoHasMoreFromBeforeIsAsked) {
  bring_up();
  SessionId own = one_more(1);
  shell_runs(40, "alice");
  (void)come(2);
  EXPECT_EQ(offered().size(), 2U);
  EXPECT_FALSE(with_new());
  EXPECT_NE(own, 40U);
}

}  // namespace
}  // namespace ts::session
