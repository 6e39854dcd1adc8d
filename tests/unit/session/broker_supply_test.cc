// The pool when sessions grow old, and when there is not enough of everything for more of them.
#include "tests/unit/session/broker_fixture.h"

namespace ts::session {
namespace {

using Ids = std::vector<SessionId>;
using Ends = std::vector<std::pair<SessionId, EndReason>>;

class BrokerLifetimeTest : public BrokerTest {
 protected:
  BrokerLifetimeTest() : BrokerTest({.idle = 2, .max = 5, .max_logon = 3, .idle_lifetime = 10min}) {}
};

TEST_F(BrokerLifetimeTest, WhatHasWaitedTooLongIsReplacedAndMeanwhileGiven) {
  bring_up();
  ASSERT_TRUE(broker_.next_deadline());
  EXPECT_EQ(*broker_.next_deadline(), now_ + 10min);
  pass(10min);
  EXPECT_EQ(starts(), (Ids{3, 4}));
  EXPECT_TRUE(ends().empty()) << "nothing ends before something is there for it";
  EXPECT_NE(broker_.next_deadline(), now_) << "nothing more is to be done now";
  EXPECT_EQ(connect(1), 1U) << "better an old one than none";
  announce(3, State::kInit);
  announce(3, State::kIdle);
  EXPECT_TRUE(ends().empty());
  announce(4, State::kInit);
  announce(4, State::kIdle);
  EXPECT_EQ(ends(), (Ends{{2, EndReason::kNone}}));
  EXPECT_EQ(idle_count(), 2U);
  gone(2);
  EXPECT_TRUE(starts().empty());
}

TEST_F(BrokerLifetimeTest, WhoeverHasASessionKeepsIt) {
  bring_up();
  auto id = log_on(1, "alice");
  pass(1h);
  start_all();
  for (const auto& [ended, reason] : ends()) EXPECT_NE(ended, id);
}

TEST_F(BrokerTest, AHostOfAnotherVersionThatWaitsIsReplacedAndOneInUseIsNot) {
  host(1).version = kHostProtocolVersion - 1;
  host(2).version = kHostProtocolVersion - 1;
  host(2).attached = 1;
  host(2).connection = connection_id(9);
  announce(0, State::kConn);
  announce(1, State::kIdle);
  announce(2, State::kConn);
  broker_.spawn_connected(now_);
  pass(2s);
  start_all();
  EXPECT_EQ(ends(), (Ends{{1, EndReason::kNone}}));
}

TEST_F(BrokerTest, AHostOfAnotherVersionThatWasStartedByUsStays) {
  for (SessionId id : {0, 1, 2}) host(id).version = kHostProtocolVersion - 1;
  bring_up();
  EXPECT_TRUE(starts().empty());
  EXPECT_TRUE(ends().empty());
  EXPECT_EQ(idle_count(), 2U);
}

class BrokerShortageTest : public testing::Test {
 protected:
  void announce(SessionId id, State state) {
    HostState host;
    host.session_id = id;
    host.state = state;
    broker_.host_announced(host, now_);
  }
  void bring_up() {
    broker_.spawn_connected(now_);
    broker_.spawn_replied(0, 0, "", now_);
    announce(0, State::kConn);
  }
  template <typename T>
  static std::vector<T> of(const std::vector<Action>& actions) {
    std::vector<T> out;
    for (const auto& action : actions)
      if (const T* one = std::get_if<T>(&action)) out.push_back(*one);
    return out;
  }

  std::size_t room_ = 0;  // for sessions being started
  Broker broker_{{.idle = 2, .max = 9, .max_logon = 9}, [this](std::size_t starting) {
                   return starting < room_ ? std::nullopt : std::optional<std::string>("no memory");
                 }};
  TimePoint now_ = TimePoint{} + 1h;
};

TEST_F(BrokerShortageTest, NoMoreAreStartedThanThereIsRoomForAndItIsToldOnce) {
  room_ = 1;
  bring_up();
  auto actions = broker_.take_actions();
  ASSERT_EQ(of<StartHostAction>(actions).size(), 2U) << "the console and one";
  ASSERT_EQ(of<ShortageAction>(actions).size(), 1U);
  EXPECT_EQ(of<ShortageAction>(actions)[0].message, "no memory");
  room_ = 0;
  announce(1, State::kIdle);
  EXPECT_TRUE(broker_.ready()) << "with what there is";
  ASSERT_TRUE(broker_.next_deadline());
  now_ = *broker_.next_deadline();
  broker_.tick(now_);
  EXPECT_TRUE(broker_.take_actions().empty());
  ASSERT_TRUE(broker_.next_deadline());
  EXPECT_GT(*broker_.next_deadline(), now_);
  // There is room again.
  room_ = 5;
  now_ = *broker_.next_deadline();
  broker_.tick(now_);
  actions = broker_.take_actions();
  EXPECT_EQ(of<StartHostAction>(actions).size(), 1U);
  ASSERT_EQ(of<ShortageAction>(actions).size(), 1U);
  EXPECT_EQ(of<ShortageAction>(actions)[0].message, "");
}

TEST_F(BrokerShortageTest, WhoComesIsToldWhyAndSessionsGoOn) {
  bring_up();
  EXPECT_TRUE(broker_.ready());
  (void)broker_.take_actions();
  ConnectionId connection{1};
  ASSERT_TRUE(broker_.introduce(connection));
  ASSERT_TRUE(broker_.connect(connection, {}, now_));
  auto refused = of<RefuseAction>(broker_.take_actions());
  ASSERT_EQ(refused.size(), 1U);
  EXPECT_EQ(refused[0].reason, EndReason::kOutOfMemory);
  EXPECT_EQ(refused[0].message, "no memory");
  EXPECT_EQ(refused[0].limit, "sessions.min_memory");
}

}  // namespace
}  // namespace ts::session
