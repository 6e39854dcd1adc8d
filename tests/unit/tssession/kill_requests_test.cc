// How many signals wait for a host: one, whoever asks and however often.
#include "cmd/tssession/kill_requests.h"

#include "tests/unit/tssession/callers.h"

namespace ts::tssession {
namespace {

constexpr session::SessionId kSession = 7;

class KillRequestsTest : public Callers {
 protected:
  void SetUp() override {
    table_.add(kSession, {});
    serve({{"Kill", [this](std::shared_ptr<varlink::Call> call) {
              ++calls_;
              session::SignalProcesses message;
              message.signal = 1;
              message.pid = static_cast<std::int32_t>(call->parameters().at("pid").get<int>());
              kills_.start(call, {kSession}, message);
            }}});
  }
  auto kill(int pid) {
    auto client = caller("ts.Session.Kill", {{"signal", 1}, {"pid", pid}});
    const int before = calls_;
    until([&] { return calls_ > before; });
    return client;
  }
  void answer() {
    session::ProcessesSignalled message;
    message.request = sent_.back().request;
    message.found = message.signalled = 1;
    kills_.answered(kSession, message);
  }

  session::SessionTable table_;
  std::vector<session::SignalProcesses> sent_;
  int calls_ = 0;
  KillRequests kills_{loop_, table_, [this](session::SessionId, const session::SignalProcesses& message) {
                        sent_.push_back(message);
                        return Result<>();
                      }};
};

TEST_F(KillRequestsTest, AHostGetsOneAtATimeAndAllGetTheirAnswer) {
  auto first = kill(1), second = kill(2), third = kill(3);
  EXPECT_EQ(sent_.size(), 1U);
  for (int i = 1; i <= 3; ++i) {
    ASSERT_EQ(sent_.size(), static_cast<std::size_t>(i));
    EXPECT_EQ(sent_.back().pid, i);
    answer();
    until([&] { return answers_ == i; });
  }
}

TEST_F(KillRequestsTest, AHostHearsNothingOfCallersThatHaveGone) {
  kill(1).reset();
  for (int i = 0; i < 100; ++i) kill(2).reset();
  until_connected(0);
  auto last = kill(3);
  EXPECT_EQ(sent_.size(), 1U);
  answer();
  ASSERT_EQ(sent_.size(), 2U);
  EXPECT_EQ(sent_.back().pid, 3);
  answer();
  until([&] { return answers_ == 1; });
  EXPECT_EQ(sent_.size(), 2U);
}

}  // namespace
}  // namespace ts::tssession
