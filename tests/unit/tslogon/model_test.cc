#include "cmd/tslogon/model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lib/session/stack_messages.h"

namespace ts::logon {
namespace {

using Action = Key::Action;
using session::Notice;
using testing::ElementsAre;
using testing::IsEmpty;

class ModelTest : public testing::Test {
 protected:
  void start(const std::string& domain = "") {
    model_.emplace(domain, Model::Outlet{.send =
                                             [this](ByteView message) {
                                               sent_.emplace_back(message.begin(), message.end());
                                               last_ = message;
                                             },
                                         .use_keyboard = [this](std::size_t index) { keyboard_ = index; }});
  }
  ModelTest() { start(); }

  void type(const std::string& text) {
    for (char c : text) model_->key({Action::kText, std::string(1, c)});
  }
  void press(Action action) { model_->key({action, {}}); }
  template <typename T>
  T sent() {
    EXPECT_EQ(sent_.size(), 1u);
    auto out = sent_.empty() ? std::nullopt : message_as<T>(sent_.front());
    EXPECT_TRUE(out);
    sent_.clear();
    return out.value_or(T{});
  }
  std::string text(Widget widget) { return std::string(std::as_const(*model_).field(widget)->text()); }
  template <typename T>
  bool on() {
    return std::holds_alternative<T>(model_->page());
  }
  session::LogonForm form(Notice notice, const std::string& user = "") {
    session::LogonForm out;
    out.notice = notice;
    out.user.assign(user);
    return out;
  }
  session::LogonPrompt prompt(session::LogonPrompt::Style style, const std::string& text) {
    session::LogonPrompt out;
    out.style = style;
    out.text.assign(text);
    return out;
  }
  session::LogonChoice choice(std::uint32_t count, bool may_start_new) {
    session::LogonChoice out;
    out.count = count;
    out.may_start_new = may_start_new ? 1 : 0;
    for (std::uint32_t i = 0; i < out.kMost; ++i) out.entries[i].id = 100 + i;
    return out;
  }

  std::optional<Model> model_;
  std::vector<Bytes> sent_;
  ByteView last_;
  std::optional<std::size_t> keyboard_;
};

TEST_F(ModelTest, AFormIsFilledInAndSentByTheKeyboardAlone) {
  EXPECT_EQ(model_->focus(), Widget::kUser);
  type("ann");
  press(Action::kEnter);
  EXPECT_EQ(model_->focus(), Widget::kPassword);
  EXPECT_THAT(sent_, IsEmpty());
  type("s3cret pass");
  press(Action::kEnter);
  const auto message = sent<session::Credentials>();
  EXPECT_EQ(message.user.view(), "ann");
  EXPECT_EQ(message.password.view(), "s3cret pass");
  EXPECT_EQ(message.domain.view(), "");
  EXPECT_TRUE(on<WorkingPage>());
  EXPECT_EQ(std::get<WorkingPage>(model_->page()).user, "ann");
}

TEST_F(ModelTest, ThePasswordIsNowhereAfterItWasSent) {
  type("ann");
  press(Action::kNext);
  type("hunter2");
  press(Action::kEnter);
  for (auto secret : model_->secrets()) {
    EXPECT_TRUE(std::all_of(secret.begin(), secret.end(), [](std::byte b) { return b == std::byte{0}; }));
  }
}

TEST_F(ModelTest, NothingIsSentWithoutAName) {
  press(Action::kNext);
  type("secret");
  press(Action::kEnter);
  EXPECT_THAT(sent_, IsEmpty());
  EXPECT_EQ(model_->focus(), Widget::kUser);
  EXPECT_EQ(std::as_const(*model_).field(Widget::kPassword)->length(), 6u);
}

TEST_F(ModelTest, TheTabKeyGoesRoundBothWays) {
  std::vector<Widget> order;
  for (int i = 0; i < 6; ++i, press(Action::kNext)) order.push_back(model_->focus());
  EXPECT_THAT(order, ElementsAre(Widget::kUser, Widget::kPassword, Widget::kPrimary, Widget::kKeyboard,
                                 Widget::kCancel, Widget::kUser));
  press(Action::kPrevious);
  press(Action::kPrevious);
  EXPECT_EQ(model_->focus(), Widget::kCancel);
}

TEST_F(ModelTest, TheDomainIsThereWhenTheConfigurationOrTheHostNamesOne) {
  EXPECT_FALSE(model_->has_domain());
  auto with_domain = form(Notice::kNone);
  with_domain.domain.assign("CORP");
  model_->show(with_domain);
  EXPECT_TRUE(model_->has_domain());
  EXPECT_EQ(text(Widget::kDomain), "CORP");
  start("EXAMPLE");
  EXPECT_EQ(text(Widget::kDomain), "EXAMPLE");
  type("ann");
  press(Action::kNext);
  press(Action::kEnter);
  EXPECT_EQ(sent<session::Credentials>().domain.view(), "EXAMPLE");
}

TEST_F(ModelTest, ARefusalKeepsTheNameAndAsksForThePassword) {
  type("ann");
  press(Action::kNext);
  type("wrong");
  press(Action::kEnter);
  model_->show(form(Notice::kBadCredentials, "ann"));
  EXPECT_EQ(std::get<FormPage>(model_->page()).notice, Notice::kBadCredentials);
  EXPECT_EQ(text(Widget::kUser), "ann");
  EXPECT_EQ(text(Widget::kPassword), "");
  EXPECT_EQ(model_->focus(), Widget::kPassword);
}

TEST_F(ModelTest, ANoticeLeavesWhatIsBeingTypedAlone) {
  type("ann");
  press(Action::kNext);
  type("sec");
  model_->show(form(Notice::kDraining));
  type("ret");
  press(Action::kEnter);
  EXPECT_EQ(sent<session::Credentials>().password.view(), "secret");
}

TEST_F(ModelTest, EscapeWipesThePasswordAndNeverDisconnects) {
  type("ann");
  press(Action::kNext);
  type("secret");
  press(Action::kEscape);
  press(Action::kEscape);
  EXPECT_EQ(text(Widget::kPassword), "");
  EXPECT_EQ(text(Widget::kUser), "ann");
  EXPECT_THAT(sent_, IsEmpty());
}

TEST_F(ModelTest, DisconnectingTakesTheButton) {
  model_->press(Widget::kCancel);
  EXPECT_EQ(model_->pressed(), Widget::kCancel);
  model_->release(Widget::kNone);  // elsewhere: thought better of it
  EXPECT_THAT(sent_, IsEmpty());
  model_->press(Widget::kCancel);
  model_->release(Widget::kCancel);
  EXPECT_EQ(sent<session::LogonCancel>().disconnect, 1u);
}

TEST_F(ModelTest, APromptIsAnsweredAndTheAnswerWiped) {
  model_->show(prompt(session::LogonPrompt::Style::kHidden, "Code: "));
  EXPECT_EQ(std::get<PromptPage>(model_->page()).text, "Code:");
  EXPECT_TRUE(std::as_const(*model_).field(Widget::kAnswer)->secret());
  type("123456");
  press(Action::kEnter);
  EXPECT_EQ(sent<session::LogonAnswer>().text.view(), "123456");
  EXPECT_EQ(text(Widget::kAnswer), "");
  EXPECT_TRUE(on<WorkingPage>());
  model_->show(prompt(session::LogonPrompt::Style::kVisible, "Town"));
  EXPECT_FALSE(std::as_const(*model_).field(Widget::kAnswer)->secret());
  press(Action::kEscape);
  EXPECT_EQ(sent<session::LogonCancel>().disconnect, 0u);
}

TEST_F(ModelTest, WhatAModuleTellsIsAnsweredEmpty) {
  for (auto style : {session::LogonPrompt::Style::kInfo, session::LogonPrompt::Style::kError}) {
    model_->show(prompt(style, "Your password expires soon."));
    type("typed into nothing");
    EXPECT_TRUE(on<WorkingPage>());  // the space bar is the button's key
    EXPECT_EQ(sent<session::LogonAnswer>().text.view(), "");
  }
}

TEST_F(ModelTest, UnknownStylesOfPromptAreOnlyTold) {
  model_->show(prompt(static_cast<session::LogonPrompt::Style>(99), "?"));
  press(Action::kEnter);
  EXPECT_EQ(sent<session::LogonAnswer>().text.view(), "");
}

TEST_F(ModelTest, WaitingTakesNothingButGivingUp) {
  type("ann");
  press(Action::kNext);
  type("secret");
  press(Action::kEnter);
  sent_.clear();
  type("impatient");
  press(Action::kEnter);
  EXPECT_THAT(sent_, IsEmpty());
  press(Action::kEscape);
  EXPECT_EQ(sent<session::LogonCancel>().disconnect, 0u);
  press(Action::kEscape);  // once is enough
  EXPECT_THAT(sent_, IsEmpty());
  model_->show(form(Notice::kNone));
  EXPECT_EQ(text(Widget::kUser), "");
}

TEST_F(ModelTest, ASessionIsChosen) {
  model_->show(choice(2, true));
  EXPECT_EQ(model_->list().rows, 3u);
  press(Action::kDown);
  press(Action::kEnter);
  EXPECT_EQ(sent<session::LogonChosen>().session, 101u);
  model_->show(choice(2, true));
  press(Action::kEnd);
  press(Action::kEnter);
  EXPECT_EQ(sent<session::LogonChosen>().session, session::LogonChosen::kNewSession);
  model_->show(choice(2, false));
  model_->press(Widget::kList, 1);
  model_->release(Widget::kList);
  model_->press(Widget::kPrimary);
  model_->release(Widget::kPrimary);
  EXPECT_EQ(sent<session::LogonChosen>().session, 101u);
}

TEST_F(ModelTest, AChoiceOfNothingCanOnlyBeGivenUp) {
  model_->show(choice(0, false));
  press(Action::kEnter);
  EXPECT_EQ(sent<session::LogonCancel>().disconnect, 0u);
}

TEST_F(ModelTest, AHostThatCountsTooManySessionsIsNotBelieved) {
  model_->show(choice(4000000000, true));
  EXPECT_EQ(model_->list().rows, session::LogonChoice::kMost + 1);
  press(Action::kEnd);
  press(Action::kPrevious);
  press(Action::kNext);
  press(Action::kEnter);
  EXPECT_EQ(sent<session::LogonChosen>().session, session::LogonChosen::kNewSession);
}

TEST_F(ModelTest, TheListScrollsSoThatTheChosenRowIsSeen) {
  model_->show(choice(10, false));
  model_->fit_list(4);
  for (int i = 0; i < 5; ++i) press(Action::kDown);
  EXPECT_EQ(model_->list().selected, 5u);
  EXPECT_EQ(model_->list().first, 2u);
  model_->scroll(100);
  EXPECT_EQ(model_->list().first, 6u);
  model_->scroll(-100);
  EXPECT_EQ(model_->list().first, 0u);
  EXPECT_EQ(model_->list().selected, 5u);  // the wheel looks, it does not choose
  press(Action::kPageUp);
  EXPECT_EQ(model_->list().selected, 1u);
}

TEST_F(ModelTest, AKeyboardIsChosenAndTheFormIsAsItWas) {
  model_->set_keyboards({"de", "us"}, "us");
  type("ann");
  press(Action::kNext);
  type("sec");
  model_->press(Widget::kKeyboard);
  model_->release(Widget::kKeyboard);
  ASSERT_TRUE(model_->choosing_keyboard());
  EXPECT_EQ(model_->list().selected, 1u);
  press(Action::kUp);
  press(Action::kEnter);
  EXPECT_EQ(keyboard_, 0u);
  EXPECT_FALSE(model_->choosing_keyboard());
  EXPECT_EQ(model_->focus(), Widget::kPassword);
  type("ret");
  press(Action::kEnter);
  EXPECT_EQ(sent<session::Credentials>().password.view(), "secret");
}

TEST_F(ModelTest, TheHostsMessageClosesTheKeyboardList) {
  model_->set_keyboards({"de", "us"}, "us");
  model_->press(Widget::kKeyboard);
  model_->release(Widget::kKeyboard);
  model_->show(prompt(session::LogonPrompt::Style::kHidden, "Code"));
  EXPECT_FALSE(model_->choosing_keyboard());
  type("1");
  press(Action::kEnter);
  EXPECT_EQ(sent<session::LogonAnswer>().text.view(), "1");
}

TEST_F(ModelTest, WidgetsOfOtherPagesDoNothing) {
  model_->press(Widget::kList, 3);
  model_->press(Widget::kAnswer);
  EXPECT_EQ(model_->focus(), Widget::kUser);
  model_->show(session::LogonDone{});
  for (auto widget : {Widget::kPrimary, Widget::kCancel, Widget::kKeyboard, Widget::kUser}) {
    model_->press(widget);
    model_->release(widget);
  }
  type("a");
  press(Action::kEnter);
  press(Action::kEscape);
  EXPECT_THAT(sent_, IsEmpty());
}

}  // namespace
}  // namespace ts::logon
