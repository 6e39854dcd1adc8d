// More want to log on than there are places: who gives way, and whose turn it is.
#include <fmt/format.h>

#include "tests/unit/session/broker_fixture.h"

namespace ts::session {
namespace {

class BrokerStrangersTest : public BrokerTest {
 protected:
  explicit BrokerStrangersTest(BrokerLimits limits = {.idle = 2, .max = 30, .max_logon = 4})
      : BrokerTest(limits) {}

  /// A connection from an address; the session that it is given.
  std::optional<SessionId> come(int n, const std::string& address) {
    EXPECT_TRUE(broker_.introduce(connection_id(n)));
    ClientInfo info = client();
    info.address.assign(address + ":1000");
    EXPECT_TRUE(broker_.connect(connection_id(n), info, now_));
    start_all();
    return session_of(n);
  }
  std::optional<SessionId> session_of(int n) {
    for (const auto& action : taken<AttachAction>()) {
      sessions_[action.connection] = action.session;
      carry_out(action);
    }
    auto found = sessions_.find(connection_id(n));
    return found != sessions_.end() ? std::optional(found->second) : std::nullopt;
  }
  void type(SessionId id) {
    host(id).touched = 1;
    announce(id);
  }
  std::vector<ConnectionId> refused() {
    std::vector<ConnectionId> out;
    for (const auto& action : taken<RefuseAction>()) {
      EXPECT_EQ(action.limit, "sessions.max_logon");
      EXPECT_EQ(action.reason, EndReason::kServerDenied);
      out.push_back(action.connection);
    }
    return out;
  }
  using Connections = std::vector<ConnectionId>;
  std::map<ConnectionId, SessionId> sessions_;
};

TEST_F(BrokerStrangersTest, WhoHasMostGivesWayAndIsTold) {
  bring_up();
  for (int n : {1, 2, 3}) ASSERT_TRUE(come(n, "192.0.2.1"));
  ASSERT_TRUE(come(4, "192.0.2.2"));
  EXPECT_TRUE(refused().empty());
  auto first = *session_of(1);
  EXPECT_TRUE(come(5, "192.0.2.3"));
  EXPECT_EQ(refused(), Connections{connection_id(1)});
  EXPECT_EQ(ends(), (std::vector{std::pair(first, EndReason::kServerDenied)}));
  EXPECT_EQ(broker_.logging_on(), 4U);
}

TEST_F(BrokerStrangersTest, WhoComesAgainAndAgainFromManyAddressesDoesNotDisplaceWhoIsThereForTheFirstTime) {
  bring_up();
  int n = 0;
  auto stranger = [&] {
    come(n, fmt::format("192.0.2.{}", n % 50));
    for (auto [id, reason] : ends()) gone(id);
    start_all();
    ++n;
  };
  while (n < 100) stranger();
  (void)refused();
  const int user = 500;
  ASSERT_TRUE(come(user, "198.51.100.1"));
  EXPECT_EQ(refused().size(), 1U);
  while (n < 300) {
    now_ += 25ms;
    stranger();
  }
  for (const auto& id : refused()) EXPECT_NE(id, connection_id(user));
}

TEST_F(BrokerStrangersTest, WhoTypesGivesWayLast) {
  bring_up();
  for (int n : {1, 2, 3}) ASSERT_TRUE(come(n, "192.0.2.1"));
  ASSERT_TRUE(come(4, "192.0.2.2"));
  type(*session_of(1));
  type(*session_of(2));
  ASSERT_TRUE(come(5, "192.0.2.3"));
  EXPECT_EQ(refused(), Connections{connection_id(3)});
}

TEST_F(BrokerStrangersTest, WhoHasGivenARightPasswordIsNoStranger) {
  bring_up();
  for (int n : {1, 2, 3}) ASSERT_TRUE(come(n, "192.0.2.1"));
  ASSERT_TRUE(come(4, "192.0.2.2"));
  broker_.close(Closed{.message = "new logons are off"});  // so that it is authenticated, and stays
  authenticate(*session_of(1), "alice");
  ASSERT_TRUE(come(5, "192.0.2.3"));
  EXPECT_EQ(refused(), Connections{connection_id(2)});
}

TEST_F(BrokerStrangersTest, OneAddressHasItsShareAndLeavesTheRest) {
  bring_up();
  for (int n : {1, 2, 3}) ASSERT_TRUE(come(n, "192.0.2.1"));
  EXPECT_FALSE(come(4, "192.0.2.1"));
  EXPECT_EQ(refused(), Connections{connection_id(4)});
  now_ += 10s;
  EXPECT_TRUE(come(5, "192.0.2.1")) << "who types nothing for that long gives way to anybody";
  EXPECT_EQ(refused(), Connections{connection_id(1)});
}

TEST_F(BrokerStrangersTest, WhoWaitsForASessionGivesWayToo) {
  bring_up();
  for (int n : {1, 2, 3}) {
    ASSERT_TRUE(broker_.introduce(connection_id(n)));
    ClientInfo info = client();
    info.address.assign("192.0.2.1:1000");
    ASSERT_TRUE(broker_.connect(connection_id(n), info, now_));
  }
  type(*session_of(1));
  type(*session_of(2));
  ASSERT_FALSE(session_of(3));
  ASSERT_TRUE(broker_.introduce(connection_id(4)));
  ASSERT_TRUE(broker_.connect(connection_id(4), client(), now_));
  EXPECT_TRUE(come(5, "192.0.2.3"));
  EXPECT_EQ(refused(), Connections{connection_id(3)});
  EXPECT_TRUE(ends().empty());
}

TEST_F(BrokerStrangersTest, WhoCannotBeBroughtToASessionForWantOfDescriptorsIsRefusedOnce) {
  bring_up();
  ASSERT_TRUE(broker_.introduce(connection_id(1)));
  ASSERT_TRUE(broker_.connect(connection_id(1), client(), now_));
  auto attach = taken<AttachAction>();
  ASSERT_EQ(attach.size(), 1U);
  broker_.attach_impossible(attach[0], "too many open files", now_);
  auto refusals = taken<RefuseAction>();
  ASSERT_EQ(refusals.size(), 1U);
  EXPECT_EQ(refusals[0].reason, EndReason::kOutOfMemory);
  EXPECT_TRUE(taken<AttachAction>().empty()) << "another try would end as this one";
  EXPECT_EQ(broker_.logging_on(), 0U);
  EXPECT_EQ(idle_count(), 2U) << "the session is somebody else's";
}

class BrokerPaceTest : public BrokerStrangersTest {
 protected:
  BrokerPaceTest()
      : BrokerStrangersTest({.idle = 2,
                             .max = 100,
                             .max_logon = 20,
                             .connection_wait = 60s,
                             .strangers_burst = 20,
                             .strangers_per_second = 4}) {}
  /// It comes, and leaves as soon as it has a session.
  bool look(int n, const std::string& address) {
    auto id = come(n, address);
    if (id) detach(*id), gone(*id);
    broker_.connection_gone(connection_id(n), now_);
    start_all();
    return id.has_value();
  }
};

TEST_F(BrokerPaceTest, StrangersHaveSessionsAtAPaceAndWhoComesForTheFirstTimeIsNext) {
  bring_up();
  int given = 0;
  for (int n = 0; n < 200; ++n) given += look(n, fmt::format("192.0.2.{}", n % 50)) ? 1 : 0;
  EXPECT_EQ(given, 20);
  EXPECT_FALSE(come(300, "192.0.2.1"));
  EXPECT_FALSE(come(301, "198.51.100.1")) << "it waits";
  ASSERT_TRUE(broker_.next_deadline());
  EXPECT_LE(*broker_.next_deadline(), now_ + 250ms);
  pass(250ms);
  start_all();
  EXPECT_TRUE(session_of(301)) << "not those that have been here";
  EXPECT_FALSE(session_of(300));
  pass(250ms);
  EXPECT_TRUE(session_of(300));
}

TEST_F(BrokerPaceTest, LogonsHaveNoPace) {
  bring_up();
  for (int n = 0; n < 60; ++n) {
    auto id = come(n, "192.0.2.1");
    ASSERT_TRUE(id) << n;
    authenticate(*id, "user", 1000 + static_cast<std::uint32_t>(n));
    shell_runs(*id, "user", 1000 + static_cast<std::uint32_t>(n));
    start_all();
  }
}

TEST_F(BrokerPaceTest, NoSessionIsStartedForThoseWhoMayHaveNoneYet) {
  bring_up();
  for (int n = 0; n < 50; ++n) look(n, fmt::format("192.0.2.{}", n));
  auto before = broker_.table().count();
  for (int n = 100; n < 110; ++n) EXPECT_FALSE(come(n, fmt::format("198.51.100.{}", n)));
  EXPECT_EQ(broker_.table().count(), before);
}

}  // namespace
}  // namespace ts::session
