// Requests whose callers ask and go, over and over, while a session takes its time.
#include "cmd/tssession/session_service.h"

#include "tests/unit/tssession/callers.h"

namespace ts::tssession {
namespace {

constexpr session::SessionId kSession = 7;

class SessionServiceTest : public Callers {
 protected:
  void SetUp() override {
    auto& record = table_.add(kSession, {});
    record.announced = true;
    record.state.state = session::State::kActive;
    record.state.user.assign("alice");
    record.state.uid = ::geteuid();
    record.state.attached = 1;
    ASSERT_TRUE(sessions_.add_to(service_));
  }
  void ask_and_go(std::string_view method, int times) {
    for (int i = 0; i < times; ++i) {
      auto client = caller(method, {{"id", kSession}});
      const int before = asked_;
      until([&] { return asked_ > before || told_ > 0; });
    }
    until_connected(0);
  }

  session::SessionTable table_;
  int asked_ = 0, told_ = 0, hosts_ended_ = 0;
  SessionService sessions_{loop_,
                           table_,
                           std::chrono::milliseconds(-4800),  // 0.2 s, with what the host itself may take
                           {.disconnect =
                                [this](session::SessionId, session::EndReason) {
                                  ++told_;
                                  sessions_.update();
                                },
                            .end_session =
                                [this](session::SessionId id, session::EndReason) {
                                  ++asked_;
                                  table_.find(id)->ending = true;
                                },
                            .end_host = [this](session::SessionId) { ++hosts_ended_; },
                            .listening = [] { return std::nullopt; }}};
};

TEST_F(SessionServiceTest, OfManyWhoHaveLoggedASessionOffAndGoneOneIsKept) {
  ask_and_go("ts.Session.Logoff", 50);
  EXPECT_EQ(asked_, 50);
  until([&] { return hosts_ended_ > 0; });
  // All that were asked for have had their time by then.
  const auto later = net::Clock::now() + std::chrono::milliseconds(500);
  until([&] { return net::Clock::now() > later; });
  EXPECT_EQ(hosts_ended_, 1);
}

TEST_F(SessionServiceTest, AHostIsToldOnceToLetItsClientGo) {
  ask_and_go("ts.Session.Disconnect", 50);
  sessions_.update();
  ask_and_go("ts.Session.Disconnect", 50);
  EXPECT_EQ(told_, 1);
}

}  // namespace
}  // namespace ts::tssession
