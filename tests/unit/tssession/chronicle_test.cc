// Which events a session's life makes, as its host announces it.
#include "cmd/tssession/chronicle.h"

#include <gmock/gmock.h>
#include <signal.h>

namespace ts::tssession {
namespace {

using namespace session;
using events::Event;
using testing::ElementsAre;
using testing::IsEmpty;

class ChronicleTest : public testing::Test {
 protected:
  ChronicleTest()
      : chronicle_({.write = [this](const Event& event) { write(event); },
                    .write_limited =
                        [this](Event event, log::Limited& gate) {
                          unsigned kept_back = 0;
                          if (gate.admit(log::Limited::Clock::now(), kept_back)) write(event);
                        }}) {}

  /// In words, as it is written: name, session, user, client, and what else there is.
  void write(const Event& event) {
    auto record = events::parse_line(events::line_of(event, "tssession", {}));
    ASSERT_TRUE(record);
    auto text = record->event;
    if (record->session) text += fmt::format(" {}", *record->session);
    for (const char* field : {"user", "client", "replaced_client", "limit", "reason"})
      if (auto part = record->text(field); !part.empty()) text += " " + part;
    told_.push_back(text);
  }
  std::vector<std::string> told() { return std::exchange(told_, {}); }

  HostState& state(SessionId id) {
    states_[id].session_id = id;
    return states_[id];
  }
  void announce(SessionId id) { chronicle_.host_announced(state(id)); }
  void idle(SessionId id) {
    announce(id);
    state(id).state = State::kIdle;
    announce(id);
  }
  void attach(SessionId id, std::uint8_t connection) {
    auto& now = state(id);
    now.state = now.user.empty() ? State::kConn : State::kActive;
    now.attached = 1;
    now.connection[0] = connection;
    now.client.name.assign(fmt::format("pc{}", connection));
    now.end_reason = EndReason::kNone;
    announce(id);
  }
  void log_on(SessionId id) {
    state(id).state = State::kActive;
    state(id).user.assign("ann");
    announce(id);
  }
  void leave(SessionId id, EndReason reason = EndReason::kNone) {
    auto& now = state(id);
    now.attached = 0;
    now.connection = {};
    now.client = {};
    now.state = State::kDisc;
    now.end_reason = reason;
    announce(id);
  }
  void end(SessionId id, EndReason reason) {
    state(id).attached = 0;
    state(id).state = State::kDown;
    state(id).end_reason = reason;
    announce(id);
  }
  void active(SessionId id) {
    idle(id);
    attach(id, 1);
    log_on(id);
    told();
  }

  std::vector<std::string> told_;
  std::map<SessionId, HostState> states_;
  Chronicle chronicle_;
};

TEST_F(ChronicleTest, FromConnectingToLogoff) {
  idle(3);
  EXPECT_THAT(told(), IsEmpty());
  attach(3, 1);
  EXPECT_THAT(told(), ElementsAre("connect 3 pc1"));
  log_on(3);
  EXPECT_THAT(told(), ElementsAre("logon 3 ann pc1"));
  leave(3);
  EXPECT_THAT(told(), ElementsAre("disconnect 3 ann pc1 the client left"));
  attach(3, 2);
  EXPECT_THAT(told(), ElementsAre("reconnect 3 ann pc2"));
  leave(3, EndReason::kDisconnectedByAdmin);
  EXPECT_THAT(told(), ElementsAre("disconnect 3 ann pc2 disconnected by an administrator"));
  end(3, EndReason::kLoggedOffByUser);
  EXPECT_THAT(told(), ElementsAre("logoff 3 ann logged off by the user"));
  chronicle_.host_gone(3);
  chronicle_.host_ended(3, 0);
  EXPECT_THAT(told(), IsEmpty());
}

TEST_F(ChronicleTest, TheSameAnnouncementAgainIsNothingNew) {
  active(3);
  announce(3);
  EXPECT_THAT(told(), IsEmpty());
}

TEST_F(ChronicleTest, LogoffWithAClientIsItsDisconnectFirst) {
  active(3);
  end(3, EndReason::kLoggedOffByAdmin);
  EXPECT_THAT(told(), ElementsAre("disconnect 3 ann pc1 logged off by an administrator",
                                  "logoff 3 ann logged off by an administrator"));
}

TEST_F(ChronicleTest, AFailedLogonSaysWhoTried) {
  idle(3);
  attach(3, 1);
  LogonFailed failed;
  failed.session_id = 3;
  failed.user.assign("root");
  failed.message.assign("wrong password");
  told();
  chronicle_.logon_failed(3, failed);
  EXPECT_THAT(told(), ElementsAre("logon-failed 3 root pc1 wrong password"));
  chronicle_.logon_failed(4, failed);  // nobody's
  EXPECT_THAT(told(), IsEmpty());
  end(3, EndReason::kFreshCredentials);
  EXPECT_THAT(told(), ElementsAre("disconnect 3 pc1 wrong or missing credentials"));
}

TEST_F(ChronicleTest, WhoComesBackByThemselvesIsToldApart) {
  active(3);
  leave(3);
  told();
  state(3).automatic = 1;
  attach(3, 2);
  EXPECT_THAT(told(), ElementsAre("reconnect 3 ann pc2 automatic reconnection"));
  attach(3, 3);  // the server had not missed the one before
  EXPECT_THAT(told(), ElementsAre("takeover 3 ann pc3 pc2 automatic reconnection"));
  state(3).automatic = 0;
  attach(3, 4);
  EXPECT_THAT(told(), ElementsAre("takeover 3 ann pc4 pc3"));
}

TEST_F(ChronicleTest, WhoDoesNotGetBackByThemselvesWasNotLetIn) {
  ReconnectFailedAction failed;
  failed.session = 7;
  failed.user = "ann";
  failed.client.name.assign("pc9");
  failed.message = "the cookie is not the session's, or not any more";
  chronicle_.reconnect_failed(failed);
  EXPECT_THAT(told(), ElementsAre("logon-failed 7 ann pc9 automatic reconnection: the cookie is not the "
                                  "session's, or not any more"));
  for (int i = 0; i < 100; ++i) chronicle_.reconnect_failed(failed);
  EXPECT_EQ(told().size(), 49u) << "strangers do not fill the log";
}

TEST_F(ChronicleTest, TheSecondClientTakesOverAndTheSessionOfItsLogonGoesWithoutAWord) {
  active(3);
  idle(5);
  attach(5, 2);
  EXPECT_THAT(told(), ElementsAre("connect 5 pc2"));
  AttachAction action;
  action.session = 3;
  action.temporary = 5;
  chronicle_.moved(action);
  end(5, EndReason::kNone);
  attach(3, 2);
  EXPECT_THAT(told(), ElementsAre("takeover 3 ann pc2 pc1"));
  chronicle_.host_ended(5, 0);
  chronicle_.host_gone(5);
  EXPECT_THAT(told(), IsEmpty());
  // The id is used again.
  idle(5);
  attach(5, 4);
  leave(5);
  EXPECT_THAT(told(), ElementsAre("connect 5 pc4", "disconnect 5 pc4 the client left"));
}

TEST_F(ChronicleTest, ASessionThatWaitsAgainIsTheNextClients) {
  active(3);
  idle(5);
  attach(5, 2);
  AttachAction action;
  action.session = 3;
  action.temporary = 5;
  chronicle_.moved(action);
  told();
  state(5).attached = 0;
  idle(5);
  EXPECT_THAT(told(), IsEmpty());
  attach(5, 4);
  leave(5);
  EXPECT_THAT(told(), ElementsAre("connect 5 pc4", "disconnect 5 pc4 the client left"));
}

TEST_F(ChronicleTest, AClientThatIsGivenAnotherSessionHasNotLeft) {
  for (SessionId id : {2U, 3U}) {
    idle(id);
    attach(id, static_cast<std::uint8_t>(id));
    log_on(id);
  }
  told();
  AttachAction action{3, state(2).connection, {}, true};
  action.moved_from = 2;
  chronicle_.moved(action);
  state(2).attached = 0;
  state(2).state = State::kDisc;
  announce(2);
  attach(3, 2);
  EXPECT_THAT(told(), ElementsAre("disconnect 2 ann pc2 its client was given another session",
                                  "takeover 3 ann pc2 pc3"));
  // Back where it was it leaves by itself.
  action.session = 2;
  action.moved_from = 3;
  chronicle_.moved(action);
  attach(2, 2);
  state(2).attached = 0;
  announce(2);
  EXPECT_THAT(told(), ElementsAre("reconnect 2 ann pc2", "disconnect 2 ann pc2 the client left"));
}

TEST_F(ChronicleTest, AKilledHostIsTheEndOfItsSession) {
  active(3);
  chronicle_.host_gone(3);
  EXPECT_THAT(told(), IsEmpty());  // tsspawn knows how
  chronicle_.host_ended(3, SIGKILL);
  EXPECT_THAT(told(), ElementsAre("disconnect 3 ann pc1 the session ended",
                                  "session-ended 3 ann its host ended unexpectedly: signal 9 (Killed)"));
  active(4);
  chronicle_.host_ended(4, 1 << 8);
  chronicle_.host_gone(4);
  EXPECT_THAT(told(), ElementsAre("disconnect 4 ann pc1 the session ended",
                                  "session-ended 4 ann its host ended unexpectedly: exit status 1"));
}

TEST_F(ChronicleTest, AHostThatComesBackHasNotEnded) {
  active(3);
  chronicle_.host_gone(3);
  leave(3);
  EXPECT_THAT(told(), ElementsAre("disconnect 3 ann pc1 the client left"));
  chronicle_.spawn_lost();
  EXPECT_THAT(told(), IsEmpty());
}

TEST_F(ChronicleTest, WithoutTsspawnNobodySaysHowAHostEnded) {
  active(3);
  active(4);
  chronicle_.host_gone(3);
  chronicle_.spawn_lost();
  EXPECT_THAT(told(), ElementsAre("disconnect 3 ann pc1 the session ended",
                                  "session-ended 3 ann its host ended unexpectedly"));
  chronicle_.host_gone(4);
  EXPECT_THAT(told(), ElementsAre("disconnect 4 ann pc1 the session ended",
                                  "session-ended 4 ann its host ended unexpectedly"));
}

TEST_F(ChronicleTest, ASessionThatEndsByItselfWasNotLoggedOff) {
  active(3);
  leave(3);
  told();
  end(3, EndReason::kNone);
  EXPECT_THAT(told(), ElementsAre("session-ended 3 ann its display server or the parent of its shell died"));
  active(4);
  end(4, EndReason::kNone);
  EXPECT_THAT(told(), ElementsAre("disconnect 4 ann pc1 the session ended",
                                  "session-ended 4 ann its display server or the parent of its shell died"));
}

TEST_F(ChronicleTest, WaitingSessionsComeAndGoUntold) {
  idle(3);
  end(3, EndReason::kNone);
  chronicle_.host_gone(3);
  chronicle_.host_ended(3, 0);
  EXPECT_THAT(told(), IsEmpty());
}

TEST_F(ChronicleTest, AfterARestartNothingIsToldTwice) {
  state(3).state = State::kActive;
  state(3).user.assign("ann");
  attach(3, 1);
  EXPECT_THAT(told(), IsEmpty());
  leave(3);
  EXPECT_THAT(told(), ElementsAre("disconnect 3 ann pc1 the client left"));
}

TEST_F(ChronicleTest, ALimitIsToldOnceInAWhileARefusalMoreOften) {
  RefuseAction action;
  action.message = "all 2 sessions are in use (sessions.max)";
  action.limit = "sessions.max";
  action.client.name.assign("pc1");
  chronicle_.refused(action);
  chronicle_.refused(action);
  EXPECT_THAT(told(), ElementsAre("limit sessions.max all 2 sessions are in use (sessions.max)",
                                  "refused pc1 all 2 sessions are in use (sessions.max)",
                                  "refused pc1 all 2 sessions are in use (sessions.max)"));
  action.limit = "sessions.max_logon";
  action.message = "too many";
  chronicle_.refused(action);
  EXPECT_THAT(told(), ElementsAre("limit sessions.max_logon too many", "refused pc1 too many"));
  action.limit = "";
  for (int i = 0; i < 100; ++i) chronicle_.refused(action);
  EXPECT_EQ(told().size(), 47U);
}

}  // namespace
}  // namespace ts::tssession
