// What becomes of messages: which is in front, what answers it, what others' text turns into.
#include "cmd/tsmessage/model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ts::message {
namespace {

using session::BoxButtons;
using session::BoxReply;
using Answers = std::vector<std::pair<std::uint32_t, BoxReply>>;

class ModelTest : public testing::Test {
 protected:
  void add(std::uint32_t request, BoxButtons buttons = BoxButtons::kOk) {
    Message message;
    message.request = request;
    message.buttons = buttons;
    model_.add(message);
    model_.set_keyboard(true);
  }
  void click(Widget widget) {
    model_.press(widget);
    model_.release(widget);
  }

  Answers answers_;
  Model model_{[this](std::uint32_t request, BoxReply reply) { answers_.emplace_back(request, reply); }};
};

TEST_F(ModelTest, TheNewestIsInFrontAndTheOthersComeBack) {
  add(1);
  add(2, BoxButtons::kYesNo);
  add(3, BoxButtons::kRetryCancel);
  EXPECT_EQ(model_.front().request, 3u);
  EXPECT_EQ(model_.behind(), 2u);
  click(Widget::kSecond);
  model_.remove(1);
  EXPECT_EQ(model_.front().request, 2u);
  click(Widget::kFirst);
  EXPECT_TRUE(model_.empty());
  EXPECT_EQ(answers_, (Answers{{3, BoxReply::kCancel}, {2, BoxReply::kYes}}));
}

TEST_F(ModelTest, AButtonIsPressedWhereItWentDownAndUp) {
  add(1, BoxButtons::kYesNo);
  model_.press(Widget::kFirst);
  model_.release(Widget::kSecond);
  model_.press(Widget::kFirst);
  model_.release(Widget::kNone);
  model_.release(Widget::kFirst);
  click(Widget::kThird);  // there is none
  click(Widget::kScrollBar);
  EXPECT_THAT(answers_, testing::IsEmpty());
  // What went down on another message does not go up on this one.
  model_.press(Widget::kFirst);
  add(2, BoxButtons::kYesNo);
  model_.release(Widget::kFirst);
  EXPECT_THAT(answers_, testing::IsEmpty());
}

TEST_F(ModelTest, KeysChooseAndPress) {
  add(1, BoxButtons::kYesNoCancel);
  EXPECT_EQ(model_.focus(), Widget::kFirst);
  model_.key(Key::kPrevious);
  EXPECT_EQ(model_.focus(), Widget::kThird);
  model_.key(Key::kNext);
  model_.key(Key::kNext);
  EXPECT_EQ(model_.focus(), Widget::kSecond);
  model_.set_keyboard(false);
  EXPECT_EQ(model_.focus(), Widget::kNone);
  model_.set_keyboard(true);
  model_.key(Key::kPress);
  EXPECT_EQ(answers_, (Answers{{1, BoxReply::kNo}}));
  model_.key(Key::kPress);  // nothing is there
  model_.key(Key::kEscape);
  EXPECT_EQ(answers_.size(), 1u);
}

TEST_F(ModelTest, EscapeSaysNoToNothingElse) {
  add(1, BoxButtons::kYesNo);
  model_.key(Key::kEscape);
  EXPECT_THAT(answers_, testing::IsEmpty());
  add(2, BoxButtons::kOkCancel);
  model_.key(Key::kEscape);
  add(3);
  model_.key(Key::kEscape);
  EXPECT_EQ(answers_, (Answers{{2, BoxReply::kCancel}, {3, BoxReply::kOk}}));
}

TEST_F(ModelTest, TextIsScrolledAsFarAsItGoes) {
  add(1);
  model_.fit_text(100, 20, 60);
  model_.scroll(2);
  EXPECT_EQ(model_.scrolled(), 40);
  model_.key(Key::kPageDown);
  EXPECT_EQ(model_.scrolled(), 100);
  model_.scroll(1000);
  EXPECT_EQ(model_.scrolled(), 100);
  model_.fit_text(30, 20, 130);  // the screen has grown
  EXPECT_EQ(model_.scrolled(), 30);
  model_.key(Key::kPageUp);
  EXPECT_EQ(model_.scrolled(), 0);
  model_.fit_text(-5, 0, 0);
  model_.scroll(1);
  EXPECT_EQ(model_.scrolled(), 0);
}

TEST_F(ModelTest, TakesNoMoreThanThereMayBeAndNoneWithoutButtons) {
  for (std::uint32_t request = 1; request <= session::kMostBoxes + 3; ++request) add(request);
  EXPECT_EQ(model_.behind() + 1, session::kMostBoxes);
  Model other([](std::uint32_t, BoxReply) {});
  Message message;
  message.buttons = static_cast<BoxButtons>(99);
  other.add(message);
  EXPECT_TRUE(other.empty());
}

TEST(MessageFrom, MakesAnyBytesFitToBeShown) {
  session::ShowBox box;
  box.sender.assign("ro\not");
  box.title.assign("two\nlines \u202e");
  box.text.assign("a\n\033[31mb \xff \u202ec <b>d</b>\n");
  const Message shown = message_from(box);
  EXPECT_EQ(shown.sender, "ro ot");
  EXPECT_EQ(shown.title, "two lines \\u202e");
  EXPECT_EQ(shown.text, "a\n\\x1b[31mb \ufffd \\u202ec <b>d</b>");
  box.text.data.fill('x');  // no end
  EXPECT_LE(message_from(box).text.size(), session::kMostBoxText + std::string("…").size());
}

}  // namespace
}  // namespace ts::message
