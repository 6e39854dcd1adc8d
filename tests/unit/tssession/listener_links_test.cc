// How listeners are asked: one question at a time, however many want to know.
#include "cmd/tssession/listener_links.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "lib/net/sockets.h"
#include "lib/varlink/service.h"
#include "ts_listener_varlink.h"

namespace ts::tssession {
namespace {

using nlohmann::json;

class ListenerLinksTest : public testing::Test {
 protected:
  void SetUp() override {
    auto added = listener_.add_interface(
        varlink::k_ts_listener,
        {{"Status", [this](std::shared_ptr<varlink::Call> call) { asked_.push_back(std::move(call)); }}});
    ASSERT_TRUE(added) << added.error().message;
    auto ends = net::socket_pair(net::SocketKind::kStream).value();
    listener_.serve(std::move(ends.first));
    links_.add(this, std::move(ends.second));
  }
  void ask(int times) {
    for (int i = 0; i < times; ++i)
      links_.ask([this](const ListenersStatus& status) {
        ++answered_;
        accepted_ = status.totals ? status.totals->accepted : -1;
      });
  }
  void answer(std::size_t question, int accepted) {
    (void)asked_.at(question)->reply({{"totals",
                                       {{"uptime_seconds", 1},
                                        {"accepted", accepted},
                                        {"refused", 0},
                                        {"received_bytes", 0},
                                        {"sent_bytes", 0}}},
                                      {"connections", json::array()}});
  }
  void until(const std::function<bool()>& done) {
    bool late = false;
    net::Timer limit(loop_, [&] { late = true, loop_.stop(); });
    limit.start(std::chrono::seconds(20));
    net::Timer turn(loop_, [&] { loop_.stop(); });
    while (!done() && !late) {
      turn.start(std::chrono::milliseconds(1));
      loop_.run();
    }
    ASSERT_FALSE(late) << "waited in vain";
  }

  net::Loop loop_;
  varlink::Service listener_{loop_, {"vendor", "product", "1", "url"}};
  ListenerLinks links_{loop_};
  std::vector<std::shared_ptr<varlink::Call>> asked_;
  int answered_ = 0;
  std::int64_t accepted_ = 0;
};

TEST_F(ListenerLinksTest, AreAskedOnceForAllWhoCameMeanwhile) {
  ask(1);
  until([&] { return asked_.size() == 1; });
  ask(100);
  answer(0, 5);
  until([&] { return answered_ == 1; });
  EXPECT_EQ(accepted_, 5);
  // Who came later is told nothing older than their question.
  until([&] { return asked_.size() == 2; });
  EXPECT_EQ(answered_, 1);
  answer(1, 6);
  until([&] { return answered_ == 101; });
  EXPECT_EQ(accepted_, 6);
  EXPECT_EQ(asked_.size(), 2U);
}

}  // namespace
}  // namespace ts::tssession
