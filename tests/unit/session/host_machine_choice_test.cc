// A user with several sessions: what the person is offered, what may be chosen of it, what comes after.
#include "tests/unit/session/host_machine_fixture.h"

namespace ts::session {
namespace {

class ChoiceTest : public HostMachineTest {
 protected:
  static OfferSessions offer_of(std::initializer_list<SessionId> ids, bool may_start_new) {
    OfferSessions offer;
    offer.connection = first();
    for (SessionId id : ids) offer.choice.entries[offer.choice.count++].id = id;
    offer.choice.may_start_new = may_start_new ? 1 : 0;
    return offer;
  }
  void to_choosing(std::initializer_list<SessionId> ids = {3, 4}, bool may_start_new = true) {
    to_approved();
    machine.offer(offer_of(ids, may_start_new));
    recorder.take();
  }
};

TEST_F(ChoiceTest, OneIsChosenAndTheManagerHears) {
  to_approved();
  machine.offer(offer_of({3, 4}, true));
  EXPECT_THAT(recorder.take(), ElementsAre("display", "greet client-1", "choice of 2 or new"));
  EXPECT_FALSE(recorder.timers.contains(HostTimer::kManager)) << "it is the person's time now";
  EXPECT_TRUE(recorder.timers.contains(HostTimer::kLogon));
  EXPECT_TRUE(recorder.forgot) << "the password";
  ASSERT_TRUE(machine.chosen(4));
  EXPECT_THAT(recorder.take(), ElementsAre("working ada", "chosen 4"));
  EXPECT_EQ(recorder.chosen.session_id, 5U);
  EXPECT_EQ(recorder.chosen.uid, 1000U);
  EXPECT_EQ(recorder.chosen.connection, first());
  EXPECT_TRUE(recorder.timers.contains(HostTimer::kManager));
  EXPECT_FALSE(machine.chosen(4)) << "twice";
}

TEST_F(ChoiceTest, ANewOneGoesOnWhereTheyAre) {
  to_choosing();
  ASSERT_TRUE(machine.chosen(LogonChosen::kNewSession));
  EXPECT_THAT(recorder.take(), ElementsAre("working ada", "chosen new"));
  machine.start_shell(first());
  machine.shell_started({}, 200);
  EXPECT_THAT(recorder.take(), ElementsAre("shell", "desktop", "logon 0", "announce Active"));
}

TEST_F(ChoiceTest, WhatIsNotOfferedCannotBeChosen) {
  EXPECT_FALSE(machine.chosen(3)) << "nothing is offered";
  to_choosing({3, 4}, false);
  EXPECT_FALSE(machine.chosen(5));
  EXPECT_FALSE(machine.chosen(0)) << "what entries that are not there say";
  EXPECT_FALSE(machine.chosen(LogonChosen::kNewSession));
  EXPECT_THAT(recorder.take(), IsEmpty());
  EXPECT_TRUE(machine.chosen(3));
}

TEST_F(ChoiceTest, AnOfferThatCountsTooManyIsReadToItsEndOnly) {
  auto offer = offer_of({3}, false);
  offer.choice.count = 4'000'000'000;
  to_approved();
  machine.offer(offer);
  EXPECT_FALSE(machine.chosen(77));
  EXPECT_TRUE(machine.chosen(3));
}

TEST_F(ChoiceTest, AChoiceThatCannotBeHadIsOfferedAnew) {
  to_choosing();
  ASSERT_TRUE(machine.chosen(3));
  recorder.take();
  machine.offer(offer_of({4}, true));
  EXPECT_THAT(recorder.take(), ElementsAre("choice of 1 or new"));
  EXPECT_FALSE(machine.chosen(3)) << "that was the list before";
  EXPECT_TRUE(machine.chosen(4));
}

TEST_F(ChoiceTest, AnOfferForAnotherConnectionOrOutOfTurnIsIgnored) {
  to_approved();
  auto offer = offer_of({3}, true);
  offer.connection = attach_message(false, 2).connection;
  machine.offer(offer);
  EXPECT_THAT(recorder.take(), IsEmpty());
  machine.start_shell(first());
  recorder.take();
  machine.offer(offer_of({3}, true));
  EXPECT_THAT(recorder.take(), IsEmpty());
}

TEST_F(ChoiceTest, WhoGivesUpIsBackAtTheForm) {
  to_choosing();
  machine.cancelled(false);
  EXPECT_THAT(recorder.take(), ElementsAre("form 0 ada"));
  EXPECT_FALSE(recorder.authenticating);
  EXPECT_FALSE(machine.chosen(3)) << "too late";
  ASSERT_TRUE(machine.typed(filled()));
}

TEST_F(ChoiceTest, TheListIsNotUpForEver) {
  to_choosing();
  machine.timed_out(HostTimer::kLogon);
  EXPECT_THAT(recorder.take(), ElementsAre("release 4", "announce Down", "end"));
  EXPECT_FALSE(machine.chosen(3));
}

TEST_F(ChoiceTest, AClientThatLeavesTheListEndsTheLogon) {
  to_choosing();
  machine.stack_gone(300);
  EXPECT_THAT(recorder.take(), ElementsAre("announce Down", "end"));
}

TEST_F(ChoiceTest, IfTsuserinitDiesMeanwhileTheFormSaysSo) {
  to_choosing();
  UserinitResult result;
  result.notice = Notice::kSessionFailed;
  machine.userinit_gone(result);
  EXPECT_THAT(recorder.take(), ElementsAre("logon 3", "form 9 ada", "announce Conn"));
}

TEST_F(ChoiceTest, ALogonScreenThatWasStartedAnewShowsTheList) {
  to_choosing();
  machine.logon_screen_restarted();
  EXPECT_THAT(recorder.take(), ElementsAre("greet client-1", "choice of 2 or new"));
}

TEST_F(ChoiceTest, ARestartedManagerHearsOfTheChoiceAndNotOfTheLogonAgain) {
  to_choosing();
  machine.manager_connected();
  EXPECT_THAT(recorder.take(), ElementsAre("announce Conn")) << "nothing is to be decided yet";
  ASSERT_TRUE(machine.chosen(3));
  recorder.take();
  machine.manager_connected();
  EXPECT_THAT(recorder.take(), ElementsAre("announce Conn", "chosen 3"));
}

TEST_F(ChoiceTest, TheNextLogonHasNothingOfThisOnesChoice) {
  to_choosing();
  ASSERT_TRUE(machine.chosen(3));
  machine.timed_out(HostTimer::kManager);
  ASSERT_TRUE(machine.typed(filled()));
  machine.permitted(first(), {});
  recorder.take();
  machine.authenticated(good_result());
  EXPECT_THAT(recorder.take(), ElementsAre("authenticated ada"));
}

TEST_F(ChoiceTest, ANewOneThatMayNotBeIsSaidOnTheForm) {
  to_choosing();
  ASSERT_TRUE(machine.chosen(LogonChosen::kNewSession));
  recorder.take();
  DenyShell deny;
  deny.connection = first();
  deny.notice = Notice::kTooManySessions;
  machine.deny_shell(deny);
  EXPECT_THAT(recorder.take(), ElementsAre("logon 2", "form 6 ada", "announce Conn"));
}

TEST_F(ChoiceTest, WhoWasThereLastIsRemembered) {
  to_active();
  EXPECT_TRUE(recorder.last.last_client.name.empty());
  machine.stack_gone(300);
  EXPECT_EQ(recorder.last.last_client.name.view(), "client-1");
  EXPECT_TRUE(recorder.last.client.name.empty());
  EXPECT_EQ(recorder.last.disconnect_time, 300);
}

}  // namespace
}  // namespace ts::session
