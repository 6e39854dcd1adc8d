// Whom a waiting session asks, and what becomes of it when an answer does not come. With a loop's real clock.
#include "cmd/tshost/health_check.h"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace ts::host {
namespace {

using namespace std::chrono_literals;
using Part = HealthCheck::Part;

class HealthCheckTest : public testing::Test {
 protected:
  /// Until `asked` parts have been asked.
  void run_until(std::size_t asked) {
    wanted_ = asked;
    loop_.run();
  }

  net::Loop loop_;
  std::size_t wanted_ = 0;
  bool there_ = true;
  std::vector<std::pair<Part, std::uint32_t>> asked_;
  std::string ill_;
  HealthCheck check_{loop_,
                     5ms,
                     {[this](Part part, std::uint32_t request) {
                        asked_.emplace_back(part, request);
                        if (asked_.size() == wanted_) loop_.stop();
                        return there_;
                      },
                      [this](const std::string& why) {
                        ill_ = why;
                        loop_.stop();
                      }},
                     100ms};
};

TEST_F(HealthCheckTest, WhoAnswersIsAskedAgain) {
  check_.set_waiting(true);
  run_until(2);
  EXPECT_EQ(asked_[0].first, Part::kLogonScreen);
  EXPECT_EQ(asked_[1].first, Part::kDisplay);
  EXPECT_EQ(asked_[0].second, asked_[1].second);
  check_.answered(Part::kLogonScreen, asked_[0].second);
  check_.answered(Part::kDisplay, asked_[0].second);
  run_until(4);
  EXPECT_NE(asked_[2].second, asked_[0].second);
  EXPECT_EQ(ill_, "");
}

TEST_F(HealthCheckTest, AnAnswerToAnotherQuestionIsNone) {
  check_.set_waiting(true);
  run_until(2);
  check_.answered(Part::kLogonScreen, asked_[0].second);
  check_.answered(Part::kDisplay, asked_[0].second + 1);
  loop_.run();
  EXPECT_EQ(ill_, "tsdisplay or the display server does not answer");
  EXPECT_EQ(asked_.size(), 2u);
}

TEST_F(HealthCheckTest, WhoIsNotThereIsNotWaitedFor) {
  there_ = false;
  check_.set_waiting(true);
  run_until(4);
  EXPECT_EQ(ill_, "");
}

TEST_F(HealthCheckTest, ASessionInUseIsLeftAlone) {
  check_.set_waiting(true);
  run_until(2);
  check_.set_waiting(false);
  net::Timer later(loop_, [this] { loop_.stop(); });
  later.start(50ms);
  loop_.run();
  EXPECT_EQ(asked_.size(), 2u);
  EXPECT_EQ(ill_, "");
}

}  // namespace
}  // namespace ts::host
