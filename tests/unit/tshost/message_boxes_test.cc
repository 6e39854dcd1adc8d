// Messages as the host keeps them, with the test in the place of the tsmessage that it does not believe.
#include "cmd/tshost/message_boxes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lib/net/sockets.h"

namespace ts::host {
namespace {

using session::BoxButtons;
using session::BoxEnded;
using session::BoxReply;

/// The test's end of tsmessage's socket.
struct Program {
  Program(net::Loop& loop, UniqueFd fd)
      : socket(loop, std::move(fd),
               {.on_packet =
                    [this, &loop](ByteView packet, std::vector<UniqueFd>) {
                      types.push_back(message_type(packet));
                      loop.stop();
                    },
                .on_close =
                    [this, &loop](const std::string&) {
                      closed = true;
                      loop.stop();
                    }}) {}
  std::vector<MessageType> types;
  bool closed = false;
  net::PacketSocket socket;
};

class MessageBoxesTest : public testing::Test {
 protected:
  void show(std::uint32_t request, BoxButtons buttons = BoxButtons::kOk, std::uint32_t seconds = 0) {
    session::ShowBox box;
    box.request = request;
    box.buttons = buttons;
    box.seconds = seconds;
    box.text.assign("text");
    boxes_.show(box);
  }
  void say_shown(std::uint32_t request) {
    session::BoxShown message;
    message.request = request;
    ASSERT_TRUE(program_->socket.send_message(message));
  }
  void answer(std::uint32_t request, BoxReply reply) {
    session::BoxAnswered message;
    message.request = request;
    message.reply = reply;
    ASSERT_TRUE(program_->socket.send_message(message));
  }
  bool until(const std::function<bool()>& done) {
    bool late = false;
    net::Timer limit(loop_, [&] { late = true, loop_.stop(); });
    limit.start(std::chrono::seconds(20));
    while (!done() && !late) loop_.run();
    return done();
  }
  bool ended(std::size_t count) {
    return until([&] { return ended_.size() >= count; }) && ended_.size() == count;
  }
  void shown(std::uint32_t request) {
    say_shown(request);
    ASSERT_TRUE(until([&] { return !shown_.empty() && shown_.back() == request; }));
  }

  net::Loop loop_;
  std::unique_ptr<Program> program_;
  int started_ = 0;
  std::vector<std::uint32_t> shown_;
  std::vector<BoxEnded> ended_;
  MessageBoxes boxes_{
      loop_,
      {[this](UniqueFd fd) {
         ++started_;
         program_ = std::make_unique<Program>(loop_, std::move(fd));
       },
       [] { return display::OpenDisplay{}; },
       [this](const session::BoxShown& message) { shown_.push_back(message.request), loop_.stop(); },
       [this](const BoxEnded& message) { ended_.push_back(message), loop_.stop(); }}};
};

TEST_F(MessageBoxesTest, OneProgramShowsThemAllAndGoesWithTheLast) {
  show(1, BoxButtons::kYesNo);
  show(2);
  ASSERT_TRUE(until([&] { return program_->types.size() == 4; }));
  EXPECT_THAT(program_->types, testing::ElementsAre(display::OpenDisplay::kType, session::BoxClient::kType,
                                                    session::ShowBox::kType, session::ShowBox::kType));
  shown(1);
  shown(2);
  answer(1, BoxReply::kNo);
  ASSERT_TRUE(ended(1));
  EXPECT_EQ(ended_[0].how, BoxEnded::How::kAnswered);
  EXPECT_EQ(ended_[0].reply, BoxReply::kNo);
  EXPECT_FALSE(program_->closed);
  answer(2, BoxReply::kOk);
  ASSERT_TRUE(ended(2));
  ASSERT_TRUE(until([&] { return program_->closed; }));
  show(3);
  EXPECT_EQ(started_, 2);
}

TEST_F(MessageBoxesTest, ABoxWhoseTimeIsOverIsClosed) {
  show(1, BoxButtons::kOk, 1);
  shown(1);
  show(2);
  shown(2);
  program_->types.clear();
  ASSERT_TRUE(ended(1));
  EXPECT_EQ(ended_[0].request, 1u);
  EXPECT_EQ(ended_[0].how, BoxEnded::How::kTimedOut);
  ASSERT_TRUE(
      until([&] { return !program_->types.empty() && program_->types.back() == session::CloseBox::kType; }));
  // An answer that was on its way means nothing any more.
  answer(1, BoxReply::kOk);
  answer(2, BoxReply::kOk);
  ASSERT_TRUE(ended(2));
  EXPECT_EQ(ended_[1].request, 2u);
  EXPECT_EQ(ended_[1].how, BoxEnded::How::kAnswered);
}

TEST_F(MessageBoxesTest, AProgramThatSaysWhatCannotBeIsDroppedWithAllItsBoxes) {
  const std::vector<std::function<void()>> lies{
      [&] { answer(1, BoxReply::kYes); },             // a button that is not there
      [&] { answer(1, static_cast<BoxReply>(77)); },  // one that never is
      [&] { answer(2, BoxReply::kOk); },              // before it is up
      [&] { say_shown(1); },                          // up twice
      [&] { ASSERT_TRUE(program_->socket.send_message(session::CloseBox{})); },
      [&] { ASSERT_TRUE(program_->socket.send(Bytes(3))); }};
  for (const auto& lie : lies) {
    ended_.clear();
    show(1);
    show(2);
    shown(1);
    lie();
    ASSERT_TRUE(ended(2));
    for (const auto& message : ended_) EXPECT_EQ(message.how, BoxEnded::How::kFailed);
    ASSERT_TRUE(until([&] { return program_->closed; }));
  }
}

TEST_F(MessageBoxesTest, AProgramThatEndsTakesItsBoxesWithIt) {
  show(1);
  shown(1);
  program_.reset();
  ASSERT_TRUE(ended(1));
  EXPECT_EQ(ended_[0].message.view(), "the program that shows messages there has ended");
}

TEST_F(MessageBoxesTest, ThereAreSoManyAndNoMoreAndNoneTwice) {
  for (std::uint32_t request = 1; request <= session::kMostBoxes; ++request) show(request);
  EXPECT_TRUE(ended_.empty());
  show(99);
  ASSERT_EQ(ended_.size(), 1u);
  EXPECT_EQ(ended_[0].request, 99u);
  EXPECT_EQ(ended_[0].how, BoxEnded::How::kFailed);
  boxes_.stop();
  EXPECT_EQ(ended_.size(), 1 + session::kMostBoxes);
  show(1);
  show(1);
  show(2, static_cast<BoxButtons>(17));
  EXPECT_EQ(ended_.size(), 3 + session::kMostBoxes);
}

}  // namespace
}  // namespace ts::host
