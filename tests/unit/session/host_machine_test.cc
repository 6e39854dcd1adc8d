// The life of a session apart from its logon: display, stacks, its end.
#include "tests/unit/session/host_machine_fixture.h"

namespace ts::session {
namespace {

TEST_F(HostMachineTest, WaitsIdleOnceTheDisplayIsUp) {
  machine.manager_connected();
  EXPECT_THAT(recorder.take(), ElementsAre("announce Init"));
  machine.display_ready(7);
  EXPECT_THAT(recorder.take(), ElementsAre("announce Idle"));
  EXPECT_EQ(recorder.last.display, 7);
  EXPECT_EQ(recorder.last.pid, 4711);
  EXPECT_EQ(recorder.last.session_id, 5U);
}

TEST_F(HostMachineTest, TheConsoleIsConnectedWithoutAnybody) {
  HostMachine console(kConsoleSession, 1, std::chrono::seconds(60), recorder);
  console.display_ready(0);
  EXPECT_THAT(recorder.take(), ElementsAre("announce Conn"));
}

TEST_F(HostMachineTest, AStackMayComeBeforeTheDisplay) {
  attach();
  EXPECT_THAT(recorder.take(), ElementsAre("take", "announce Init"));
  ASSERT_TRUE(machine.credentials(filled()));
  machine.permitted(first(), {});
  machine.authenticated(good_result());
  machine.start_shell(first());
  EXPECT_THAT(recorder.take(), ElementsAre("may ada?", "authenticate", "authenticated ada"));
  machine.display_ready(7);
  EXPECT_THAT(recorder.take(), ElementsAre("fit client-1", "display", "greet client-1", "working ada",
                                           "shell", "announce Conn"));
}

TEST_F(HostMachineTest, AStackThatShowsAnotherSessionIsLetGoWithoutAWord) {
  to_active();
  EXPECT_FALSE(machine.moved(attach_message(true, 2).connection, 300)) << "another connection's";
  EXPECT_THAT(recorder.take(), IsEmpty());
  ASSERT_TRUE(machine.moved(first(), 300));
  EXPECT_THAT(recorder.take(), ElementsAre("hand over", "announce Disc"));
  EXPECT_EQ(recorder.last.attached, 0U);
  EXPECT_EQ(recorder.last.disconnect_time, 300);
  EXPECT_FALSE(machine.moved(first(), 400)) << "gone already";
}

TEST_F(HostMachineTest, ALostStackEndsASessionThatItWasShown) {
  to_form();
  machine.stack_gone(300);
  EXPECT_THAT(recorder.take(), ElementsAre("announce Down", "end"));
}

TEST_F(HostMachineTest, ALostStackThatWasShownNothingLeavesTheSessionToTheNext) {
  to_authenticating();
  machine.stack_gone(300);
  EXPECT_THAT(recorder.take(), ElementsAre("clear"));
  EXPECT_TRUE(recorder.forgot);
  EXPECT_FALSE(recorder.authenticating);
  EXPECT_TRUE(recorder.timers.empty());
  EXPECT_FALSE(machine.attach(attach_message(false, 2), 300)) << "not before it is clear";
  machine.authenticated(good_result());
  machine.timed_out(HostTimer::kCurtain);
  machine.timed_out(HostTimer::kLogon);
  machine.display_restarted();
  machine.stack_gone(300);
  recorder.take();
  machine.cleared(true);
  EXPECT_THAT(recorder.take(), ElementsAre("announce Idle"));
  EXPECT_EQ(recorder.last.attached, 0U);
  EXPECT_EQ(recorder.last.connection, ConnectionId{});
  EXPECT_TRUE(recorder.last.client.name.empty() && recorder.last.last_client.name.empty());
  EXPECT_EQ(machine.attempted_user(), "");
  machine.cleared(false);
  EXPECT_THAT(recorder.take(), IsEmpty()) << "nobody asked";
  ASSERT_TRUE(machine.attach(attach_message(false, 2), 400));
  ASSERT_TRUE(machine.credentials({}));
  EXPECT_THAT(recorder.take(),
              ElementsAre("take", "fit client-2", "announce Conn", "display", "greet client-2", "form 0 "));
}

TEST_F(HostMachineTest, ASessionThatDoesNotGetClearIsNobodys) {
  to_authenticating();
  machine.stack_gone(300);
  recorder.take();
  machine.cleared(false);
  EXPECT_THAT(recorder.take(), ElementsAre("announce Down", "end"));
}

TEST_F(HostMachineTest, AStackThatShowsTheUsersOwnSessionLeavesThisOneToTheNext) {
  to_approved();
  EXPECT_FALSE(machine.moved(attach_message(true, 2).connection, 300)) << "another connection's";
  ASSERT_TRUE(machine.moved(first(), 300));
  EXPECT_THAT(recorder.take(), ElementsAre("hand over", "clear"));
  EXPECT_FALSE(machine.moved(first(), 300)) << "gone already";
  machine.cleared(true);
  EXPECT_THAT(recorder.take(), ElementsAre("announce Idle"));
  EXPECT_EQ(recorder.last.logons, 1U) << "it is counted";
}

TEST_F(HostMachineTest, OrEndsItIfItWasShown) {
  to_seen_approved();
  ASSERT_TRUE(machine.moved(first(), 300));
  EXPECT_THAT(recorder.take(), ElementsAre("hand over", "announce Down", "end"));
}

TEST_F(HostMachineTest, WhatEndsWhileItIsClearedEnds) {
  to_authenticating();
  machine.stack_gone(300);
  recorder.take();
  machine.end(EndReason::kLoggedOffByAdmin);
  EXPECT_EQ(recorder.last.state, State::kDown);
  recorder.take();
  machine.cleared(true);
  EXPECT_THAT(recorder.take(), IsEmpty());
}

TEST_F(HostMachineTest, ALostStackDisconnectsALoggedOnSession) {
  to_active();
  machine.stack_gone(300);
  EXPECT_THAT(recorder.take(), ElementsAre("announce Disc"));
  EXPECT_EQ(recorder.last.end_reason, EndReason::kNone);
  EXPECT_EQ(recorder.last.disconnect_time, 300);
  EXPECT_EQ(recorder.last.attached, 0U);
  EXPECT_TRUE(recorder.last.client.name.empty());
  EXPECT_EQ(recorder.last.user.view(), "ada");
}

TEST_F(HostMachineTest, ComingBackShowsTheSameSession) {
  to_active();
  machine.stack_gone(300);
  recorder.take();
  ASSERT_TRUE(machine.attach(attach_message(true, 2), 400));
  EXPECT_THAT(recorder.take(), ElementsAre("take", "display", "logon 0", "announce Active"));
  EXPECT_EQ(recorder.last.client.name.view(), "client-2");
  machine.detach(EndReason::kIdleTimeout, 500);
  ASSERT_TRUE(machine.attach(attach_message(true, 3), 600));
  EXPECT_EQ(recorder.last.end_reason, EndReason::kNone);
}

TEST_F(HostMachineTest, ASecondClientTakesOver) {
  to_active();
  ASSERT_TRUE(machine.attach(attach_message(true, 2), 400));
  EXPECT_THAT(recorder.take(), ElementsAre("release 5", "take", "display", "logon 0", "announce Active"));
}

TEST_F(HostMachineTest, StacksThatDoNotBelongAreRefused) {
  EXPECT_FALSE(machine.attach(attach_message(true, 1), 1)) << "nobody is logged on";
  to_conn();
  EXPECT_FALSE(machine.attach(attach_message(false, 2), 1)) << "one is there";
  ASSERT_TRUE(machine.credentials({}));
  EXPECT_FALSE(machine.attach(attach_message(true, 2), 1)) << "not logged on yet";
  recorder.take();
  machine.end(EndReason::kNone);
  EXPECT_FALSE(machine.attach(attach_message(true, 2), 1)) << "ending";
}

TEST_F(HostMachineTest, DetachKeepsALoggedOnSession) {
  to_active();
  machine.detach(EndReason::kDisconnectedByAdmin, 300);
  EXPECT_THAT(recorder.take(), ElementsAre("release 1", "announce Disc"));
  EXPECT_EQ(recorder.last.end_reason, EndReason::kDisconnectedByAdmin);
  machine.detach(EndReason::kDisconnectedByAdmin, 301);
  EXPECT_THAT(recorder.take(), IsEmpty());
}

TEST_F(HostMachineTest, DetachEndsASessionThatNobodyLoggedOnTo) {
  to_conn();
  machine.detach(EndReason::kLogonTimeout, 300);
  EXPECT_THAT(recorder.take(), ElementsAre("release 4", "announce Down", "end"));
}

TEST_F(HostMachineTest, ANewTsdisplayIsShownToTheAttachedStackOnly) {
  to_active();
  machine.display_restarted();
  EXPECT_THAT(recorder.take(), ElementsAre("display"));
  machine.stack_gone(300);
  recorder.take();
  machine.display_restarted();
  EXPECT_THAT(recorder.take(), IsEmpty());
}

TEST_F(HostMachineTest, EndsOnceAndDoesNothingAfterwards) {
  to_active();
  machine.end(EndReason::kLoggedOffByAdmin);
  EXPECT_THAT(recorder.take(), ElementsAre("release 2", "announce Down", "end"));
  EXPECT_EQ(recorder.last.end_reason, EndReason::kLoggedOffByAdmin);
  machine.end(EndReason::kLoggedOffByUser);
  machine.stack_gone(1);
  machine.detach(EndReason::kNone, 1);
  machine.authenticated(good_result());
  machine.start_shell({});
  machine.shell_started({}, 1);
  machine.display_ready(9);
  machine.display_restarted();
  machine.timed_out(HostTimer::kLogon);
  machine.permitted(first(), {});
  machine.cancelled(true);
  machine.cleared(true);
  machine.timed_out(HostTimer::kCurtain);
  machine.logon_screen_restarted();
  EXPECT_THAT(recorder.take(), IsEmpty());
  machine.manager_connected();
  EXPECT_THAT(recorder.take(), ElementsAre("announce Down"));
}

}  // namespace
}  // namespace ts::session
