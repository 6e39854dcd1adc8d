// The buttons of messages and what may be answered.
#include "lib/session/message_box.h"

#include <gtest/gtest.h>

namespace ts::session {
namespace {

constexpr BoxButtons kAll[] = {BoxButtons::kOk,          BoxButtons::kOkCancel, BoxButtons::kAbortRetryIgnore,
                               BoxButtons::kYesNoCancel, BoxButtons::kYesNo,    BoxButtons::kRetryCancel};

TEST(MessageBox, EverySetHasItsNameAndItsReplies) {
  for (auto buttons : kAll) {
    EXPECT_EQ(buttons_named(buttons_name(buttons)), buttons);
    auto replies = replies_of(buttons);
    ASSERT_GE(replies.size(), 1u);
    ASSERT_LE(replies.size(), 3u);
    for (auto reply : replies) {
      EXPECT_TRUE(may_reply(buttons, reply));
      EXPECT_NE(reply_name(reply), "");
    }
  }
  EXPECT_EQ(buttons_name(BoxButtons::kYesNoCancel), "yes_no_cancel");
  EXPECT_EQ(replies_of(BoxButtons::kYesNoCancel)[1], BoxReply::kNo);
  EXPECT_EQ(reply_name(BoxReply::kNo), "no");
}

TEST(MessageBox, WhatIsNoSetHasNoReplies) {
  for (std::uint32_t value : {6u, 99u, 0xffffffffu}) {
    EXPECT_TRUE(replies_of(static_cast<BoxButtons>(value)).empty());
    EXPECT_EQ(reply_name(static_cast<BoxReply>(value + 10)), "");
  }
  EXPECT_FALSE(may_reply(BoxButtons::kOk, BoxReply::kYes));
  EXPECT_FALSE(may_reply(BoxButtons::kOk, static_cast<BoxReply>(0)));
  for (const char* name : {"", "yes", "ok-cancel", "OK"})
    EXPECT_EQ(buttons_named(name), std::nullopt) << name;
}

TEST(MessageBox, TheLongestTextFits) {
  ShowBox box;
  std::string text;
  for (std::size_t i = 0; i < kMostBoxText; ++i) text += "\U0001f600";
  box.text.assign(text);
  EXPECT_EQ(box.text.view(), text);
  std::string title;
  for (std::size_t i = 0; i < kMostBoxTitle; ++i) title += "\U0001f600";
  box.title.assign(title);
  EXPECT_EQ(box.title.view(), title);
}

}  // namespace
}  // namespace ts::session
