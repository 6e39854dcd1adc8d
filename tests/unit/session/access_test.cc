// Who may see and steer which session, names, texts.
#include "lib/session/access.h"

#include <gtest/gtest.h>

namespace ts::session {
namespace {

class AccessTest : public testing::Test {
 protected:
  AccessTest() {
    add(0, State::kConn);
    add(1, State::kIdle);
    add(2, State::kConn).state.attached = 1;
    add_user(3, State::kActive, 1000).state.attached = 1;
    add_user(4, State::kDisc, 1001);
  }
  Record& add(SessionId id, State state) {
    Record& record = table_.add(id, {});
    record.announced = true;
    record.state.state = state;
    return record;
  }
  Record& add_user(SessionId id, State state, std::uint32_t uid) {
    Record& record = add(id, state);
    record.state.user.assign("user");
    record.state.uid = uid;
    return record;
  }
  SessionTable table_;
  Caller admin_{0, true};
  Caller alice_{1000, false};
  Caller bob_{1001, false};
};

TEST_F(AccessTest, SeeingOnesOwn) {
  for (const auto& [id, record] : table_.records()) {
    EXPECT_TRUE(may_see(record, admin_)) << id;
    EXPECT_EQ(may_see(record, alice_), id == 3) << id;
    EXPECT_EQ(may_see(record, bob_), id == 4) << id;
    EXPECT_FALSE(may_see(record, Caller{kNoUid, false})) << id;
  }
}

TEST_F(AccessTest, LookingIntoSessions) {
  EXPECT_EQ(may_look(table_, 3, alice_), Verdict::kAllowed);
  EXPECT_EQ(may_look(table_, 3, bob_), Verdict::kNotPermitted);
  EXPECT_EQ(may_look(table_, 1, alice_), Verdict::kNotPermitted);
  for (SessionId id : {0u, 1u, 3u, 4u}) EXPECT_EQ(may_look(table_, id, admin_), Verdict::kAllowed) << id;
  EXPECT_EQ(may_look(table_, kListenerSession, admin_), Verdict::kNoSuchSession);
  EXPECT_EQ(may_look(table_, 99, alice_), Verdict::kNoSuchSession);
}

TEST_F(AccessTest, Disconnecting) {
  EXPECT_EQ(may_disconnect(table_, 3, alice_), Verdict::kAllowed);
  EXPECT_EQ(may_disconnect(table_, 3, admin_), Verdict::kAllowed);
  EXPECT_EQ(may_disconnect(table_, 3, bob_), Verdict::kNotPermitted);
  EXPECT_EQ(may_disconnect(table_, 4, bob_), Verdict::kNotConnected);
  EXPECT_EQ(may_disconnect(table_, 2, admin_), Verdict::kAllowed);
  EXPECT_EQ(may_disconnect(table_, 2, alice_), Verdict::kNotPermitted);
  EXPECT_EQ(may_disconnect(table_, 0, admin_), Verdict::kNotConnected);
  EXPECT_EQ(may_disconnect(table_, 1, admin_), Verdict::kNotConnected);
  EXPECT_EQ(may_disconnect(table_, kListenerSession, admin_), Verdict::kNotConnected);
  EXPECT_EQ(may_disconnect(table_, kListenerSession, alice_), Verdict::kNotPermitted);
  EXPECT_EQ(may_disconnect(table_, 99, admin_), Verdict::kNoSuchSession);
  EXPECT_EQ(may_disconnect(table_, 99, alice_), Verdict::kNoSuchSession);
}

TEST_F(AccessTest, LoggingOff) {
  EXPECT_EQ(may_log_off(table_, 3, alice_), Verdict::kAllowed);
  EXPECT_EQ(may_log_off(table_, 4, bob_), Verdict::kAllowed);
  EXPECT_EQ(may_log_off(table_, 4, admin_), Verdict::kAllowed);
  EXPECT_EQ(may_log_off(table_, 4, alice_), Verdict::kNotPermitted);
  EXPECT_EQ(may_log_off(table_, 2, admin_), Verdict::kAllowed) << "a connection that has not logged on";
  EXPECT_EQ(may_log_off(table_, 2, alice_), Verdict::kNotPermitted);
  EXPECT_EQ(may_log_off(table_, 1, admin_), Verdict::kNotLoggedOn);
  EXPECT_EQ(may_log_off(table_, 0, admin_), Verdict::kNotLoggedOn);
  EXPECT_EQ(may_log_off(table_, kListenerSession, admin_), Verdict::kNotLoggedOn);
  EXPECT_EQ(may_log_off(table_, 99, admin_), Verdict::kNoSuchSession);
}

TEST_F(AccessTest, ReachingWhateverTheState) {
  for (SessionId id : {0u, 1u, 2u, 3u, 4u}) EXPECT_EQ(may_reach(table_, id, admin_), Verdict::kAllowed) << id;
  EXPECT_EQ(may_reach(table_, 3, alice_), Verdict::kAllowed);
  EXPECT_EQ(may_reach(table_, 4, bob_), Verdict::kAllowed);
  for (SessionId id : {0u, 1u, 2u, 4u})
    EXPECT_EQ(may_reach(table_, id, alice_), Verdict::kNotPermitted) << id;
  EXPECT_EQ(may_reach(table_, 99, admin_), Verdict::kNoSuchSession);
  EXPECT_EQ(may_reach(table_, kListenerSession, admin_), Verdict::kNoSuchSession);
  EXPECT_EQ(may_reach(table_, kListenerSession, alice_), Verdict::kNotPermitted);
}

TEST_F(AccessTest, GivingAClientAnotherSession) {
  EXPECT_EQ(may_show(table_, 3, alice_), Verdict::kAllowed);
  EXPECT_EQ(may_show(table_, 4, alice_), Verdict::kNotPermitted);
  EXPECT_EQ(may_show(table_, 4, admin_), Verdict::kAllowed) << "disconnected is good enough to be shown";
  for (SessionId id : {0u, 1u, 2u}) EXPECT_EQ(may_show(table_, id, admin_), Verdict::kNotLoggedOn) << id;
  EXPECT_EQ(may_show(table_, 99, admin_), Verdict::kNoSuchSession);
  EXPECT_EQ(may_move(table_, 3, admin_), Verdict::kAllowed);
  EXPECT_EQ(may_move(table_, 3, alice_), Verdict::kAllowed);
  EXPECT_EQ(may_move(table_, 3, bob_), Verdict::kNotPermitted);
  EXPECT_EQ(may_move(table_, 4, bob_), Verdict::kNotConnected);
  EXPECT_EQ(may_move(table_, 2, admin_), Verdict::kNotLoggedOn);
}

TEST_F(AccessTest, TheClientIsToldWhoDidIt) {
  EXPECT_EQ(logoff_reason(*table_.find(3), alice_), EndReason::kLoggedOffByUser);
  EXPECT_EQ(logoff_reason(*table_.find(3), admin_), EndReason::kLoggedOffByAdmin);
  EXPECT_EQ(disconnect_reason(*table_.find(3), alice_), EndReason::kDisconnectedByUser);
  EXPECT_EQ(disconnect_reason(*table_.find(3), admin_), EndReason::kDisconnectedByAdmin);
  EXPECT_EQ(logoff_reason(*table_.find(3), Caller{1000, true}), EndReason::kLoggedOffByUser);
}

TEST_F(AccessTest, Names) {
  auto name = [&](SessionId id) { return session_name(*table_.find(id)); };
  EXPECT_EQ(name(0), "console");
  EXPECT_EQ(name(1), "");
  EXPECT_EQ(name(2), "rdp-tcp#2");
  EXPECT_EQ(name(3), "rdp-tcp#3");
  EXPECT_EQ(name(4), "");
  EXPECT_EQ(session_type(*table_.find(0)), "console");
  EXPECT_EQ(session_type(*table_.find(3)), "rdpwd");
  EXPECT_EQ(session_type(*table_.find(4)), "");
}

TEST(Types, NamesAreThoseOfQuerySession) {
  const char* names[] = {"Init", "Idle", "Conn", "Active", "Disc", "Listen", "Down"};
  for (std::uint32_t i = 0; i < std::size(names); ++i) EXPECT_EQ(state_name(static_cast<State>(i)), names[i]);
  EXPECT_EQ(state_name(static_cast<State>(99)), "Down") << "a peer's number";
  EXPECT_EQ(end_reason_text(EndReason::kReplaced), "replaced by another connection");
  EXPECT_EQ(end_reason_text(static_cast<EndReason>(99)), "unknown reason");
}

}  // namespace
}  // namespace ts::session
