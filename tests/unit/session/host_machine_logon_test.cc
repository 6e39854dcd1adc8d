// Logging on: credentials from the client or the form, attempts, answers, what goes back to the form.
#include "tests/unit/session/host_machine_fixture.h"

namespace ts::session {
namespace {

TEST_F(HostMachineTest, SaysHowEachLogonWent) {
  to_authenticating();
  EXPECT_EQ(recorder.last.logons, 0U);
  UserinitResult bad;
  bad.status = LogonStatus::kBadCredentials;
  machine.authenticated(bad);
  EXPECT_EQ(recorder.last.logon, 1 + static_cast<std::uint32_t>(LogonStatus::kBadCredentials));
  EXPECT_EQ(recorder.last.logons, 1U);
  ASSERT_TRUE(machine.typed(filled()));
  machine.permitted(first(), {});
  machine.authenticated(bad);
  EXPECT_EQ(recorder.last.logons, 2U) << "one more of the same";
}

TEST_F(HostMachineTest, SaysThatALogonWentWellAlsoWhenItsUserGoesElsewhere) {
  to_approved();
  machine.end(EndReason::kNone);
  EXPECT_EQ(recorder.last.logon, 1 + static_cast<std::uint32_t>(LogonStatus::kLoggedOn));
  EXPECT_TRUE(recorder.last.user.empty());
}

TEST_F(HostMachineTest, LogonFromIdleToActive) {
  machine.display_ready(7);
  recorder.take();
  attach();
  EXPECT_THAT(recorder.take(), ElementsAre("take", "fit client-1", "announce Conn"));
  EXPECT_EQ(recorder.timers[HostTimer::kLogon], std::chrono::seconds(60));
  ASSERT_TRUE(machine.credentials(filled()));
  EXPECT_THAT(recorder.take(), ElementsAre("may ada?"));
  EXPECT_EQ(recorder.timers[HostTimer::kCurtain], kCurtainTime);
  EXPECT_EQ(recorder.attempt.connection, first());
  machine.permitted(first(), {});
  EXPECT_THAT(recorder.take(), ElementsAre("authenticate"));
  machine.authenticated(good_result());
  EXPECT_THAT(recorder.take(), ElementsAre("authenticated ada"));
  EXPECT_TRUE(recorder.forgot);
  EXPECT_EQ(recorder.authenticated.uid, 1000U);
  EXPECT_EQ(recorder.authenticated.connection[0], 1);
  EXPECT_EQ(recorder.authenticated.domain.view(), "LAB");
  machine.start_shell(first());
  EXPECT_THAT(recorder.take(), ElementsAre("display", "greet client-1", "working ada", "shell"));
  machine.shell_started({}, 200);
  EXPECT_THAT(recorder.take(), ElementsAre("desktop", "logon 0", "announce Active"));
  EXPECT_TRUE(recorder.timers.empty());
  EXPECT_EQ(recorder.last.user.view(), "ada");
  EXPECT_EQ(recorder.last.logon_time, 200);
  EXPECT_EQ(recorder.last.connect_time, 100);
  EXPECT_EQ(recorder.logon.user.view(), "ada");
}

TEST_F(HostMachineTest, AClientWithoutAPasswordGetsTheForm) {
  to_conn();
  Credentials named;
  named.user.assign("ada");
  ASSERT_TRUE(machine.credentials(named));
  EXPECT_THAT(recorder.take(), ElementsAre("display", "greet client-1", "form 0 ada"));
  ASSERT_TRUE(machine.typed(filled()));
  EXPECT_THAT(recorder.take(), ElementsAre("working ada", "may ada?"));
  EXPECT_FALSE(machine.typed(filled())) << "while it is tried";
}

TEST_F(HostMachineTest, NothingIsTypedBeforeTheClientHasSaidWhatItSends) {
  to_conn();
  EXPECT_FALSE(machine.typed(filled()));
}

TEST_F(HostMachineTest, ACheckThatTakesAWhileIsShown) {
  to_authenticating();
  machine.display_restarted();
  machine.logon_screen_restarted();
  EXPECT_THAT(recorder.take(), ElementsAre("fit client-1")) << "nothing is";
  machine.timed_out(HostTimer::kCurtain);
  EXPECT_THAT(recorder.take(), ElementsAre("display", "greet client-1", "working ada"));
  machine.timed_out(HostTimer::kCurtain);
  EXPECT_THAT(recorder.take(), IsEmpty()) << "once";
  machine.display_restarted();
  EXPECT_THAT(recorder.take(), ElementsAre("display"));
}

TEST_F(HostMachineTest, AnAttemptThatIsMadeToWaitIsShown) {
  to_conn();
  ASSERT_TRUE(machine.credentials(filled()));
  recorder.take();
  machine.permitted(first(), std::chrono::milliseconds(4000));
  EXPECT_THAT(recorder.take(),
              ElementsAre("display", "greet client-1", "working ada", "working ada in 4000"));
}

TEST_F(HostMachineTest, WrongCredentialsGoBackToTheForm) {
  to_authenticating();
  UserinitResult result;
  result.status = LogonStatus::kBadCredentials;
  result.notice = Notice::kBadCredentials;
  result.message.assign("no");
  result.detail.assign("module says");
  machine.authenticated(result);
  EXPECT_THAT(recorder.take(),
              ElementsAre("logon 1", "display", "greet client-1", "form 1 ada", "announce Conn"));
  EXPECT_EQ(recorder.logon.message.view(), "no");
  EXPECT_EQ(recorder.form.detail.view(), "module says");
  EXPECT_EQ(recorder.form.domain.view(), "LAB");
  EXPECT_FALSE(recorder.authenticating);
  ASSERT_TRUE(machine.typed(filled())) << "another attempt";
}

TEST_F(HostMachineTest, AnAttemptWaitsAsLongAsItHasTo) {
  to_form();
  ASSERT_TRUE(machine.typed(filled()));
  recorder.take();
  machine.permitted(attach_message(false, 2).connection, {});
  EXPECT_THAT(recorder.take(), IsEmpty()) << "another connection's";
  machine.permitted(first(), std::chrono::milliseconds(4000));
  EXPECT_EQ(recorder.timers[HostTimer::kAttempt], std::chrono::seconds(4));
  EXPECT_THAT(recorder.take(), ElementsAre("working ada in 4000"));
  machine.timed_out(HostTimer::kAttempt);
  EXPECT_THAT(recorder.take(), ElementsAre("authenticate"));
}

TEST_F(HostMachineTest, ModulesAskThePersonInFront) {
  to_authenticating();
  UserinitPrompt prompt;
  prompt.text.assign("Token:");
  machine.prompted(prompt);
  EXPECT_THAT(recorder.take(), ElementsAre("display", "greet client-1", "prompt Token:"));
  ASSERT_TRUE(machine.answered());
  EXPECT_THAT(recorder.take(), ElementsAre("working ada"));
  EXPECT_FALSE(machine.answered()) << "nothing is asked any more";
  machine.authenticated(good_result());
  EXPECT_THAT(recorder.take(), ElementsAre("authenticated ada"));
}

TEST_F(HostMachineTest, WhatIsOnlyToldIsForThoseWhoTyped) {
  UserinitPrompt told;
  told.style = LogonPrompt::Style::kInfo;
  told.text.assign("expires soon");
  to_authenticating();
  machine.prompted(told);
  EXPECT_THAT(recorder.take(), ElementsAre("answer nothing"));
  machine.cancelled(false);
  ASSERT_TRUE(machine.typed(filled()));
  machine.permitted(first(), {});
  recorder.take();
  machine.prompted(told);
  EXPECT_THAT(recorder.take(), ElementsAre("prompt expires soon"));
}

TEST_F(HostMachineTest, ThePersonMayGiveUp) {
  to_seen_authenticating();
  machine.cancelled(false);
  EXPECT_THAT(recorder.take(), ElementsAre("form 0 ada"));
  EXPECT_FALSE(recorder.authenticating);
  machine.authenticated(good_result());
  EXPECT_THAT(recorder.take(), IsEmpty()) << "too late";
  machine.cancelled(true);
  EXPECT_THAT(recorder.take(), ElementsAre("release 11", "announce Down", "end"));
}

TEST_F(HostMachineTest, ALogonThatTakesTooLongEnds) {
  to_form();
  machine.timed_out(HostTimer::kLogon);
  EXPECT_THAT(recorder.take(), ElementsAre("release 4", "announce Down", "end"));
}

TEST_F(HostMachineTest, ALogonScreenThatWasStartedAnewShowsWhatThereIs) {
  machine.display_ready(7);
  machine.logon_screen_restarted();
  EXPECT_THAT(recorder.take(), ElementsAre("announce Idle"));
  attach();
  ASSERT_TRUE(machine.credentials({}));
  recorder.take();
  machine.logon_screen_restarted();
  EXPECT_THAT(recorder.take(), ElementsAre("greet client-1", "form 0 "));
  ASSERT_TRUE(machine.typed(filled()));
  recorder.take();
  machine.logon_screen_restarted();
  EXPECT_THAT(recorder.take(), ElementsAre("greet client-1", "working ada"));
}

TEST_F(HostMachineTest, ARestartedManagerHearsOfTheWaitingUserAgain) {
  to_approved();
  machine.manager_connected();
  EXPECT_THAT(recorder.take(), ElementsAre("announce Conn", "authenticated ada"));
}

TEST_F(HostMachineTest, TheManagerIsNotWaitedForForEver) {
  to_seen_approved();
  EXPECT_EQ(recorder.timers[HostTimer::kManager], kManagerTimeout);
  machine.timed_out(HostTimer::kManager);
  EXPECT_THAT(recorder.take(), ElementsAre("logon 3", "form 9 ada", "announce Conn"));
  ASSERT_TRUE(machine.typed(filled()));
  recorder.take();
  machine.timed_out(HostTimer::kManager);
  EXPECT_THAT(recorder.take(), ElementsAre("logon 3", "form 9 ada", "announce Conn"));
}

TEST_F(HostMachineTest, AShellThatIsNotToBeIsSaidOnTheForm) {
  to_seen_approved();
  DenyShell deny;
  deny.notice = Notice::kDraining;
  deny.connection = attach_message(false, 2).connection;
  machine.deny_shell(deny);
  EXPECT_THAT(recorder.take(), IsEmpty()) << "another connection's";
  deny.connection = first();
  machine.deny_shell(deny);
  EXPECT_THAT(recorder.take(), ElementsAre("logon 2", "form 10 ada", "announce Conn"));
  EXPECT_FALSE(recorder.authenticating);
  machine.deny_shell(deny);
  EXPECT_THAT(recorder.take(), IsEmpty());
  ASSERT_TRUE(machine.typed(filled())) << "another attempt";
}

TEST_F(HostMachineTest, AShellThatDoesNotStartIsSaidOnTheForm) {
  to_approved();
  machine.start_shell(first());
  recorder.take();
  UserinitStarted started;
  started.error_number = 2;
  started.message.assign("no shell");
  machine.shell_started(started, 200);
  EXPECT_THAT(recorder.take(), ElementsAre("shell failed", "logon 3", "form 9 ada", "announce Conn"));
  EXPECT_EQ(recorder.form.detail.view(), "no shell");
  EXPECT_TRUE(recorder.last.user.empty());
}

TEST_F(HostMachineTest, StartShellForAnotherConnectionIsIgnored) {
  to_approved();
  machine.start_shell(attach_message(false, 2).connection);
  EXPECT_THAT(recorder.take(), IsEmpty());
}

TEST_F(HostMachineTest, CredentialsComeOnceAndFromAStack) {
  EXPECT_FALSE(machine.credentials({})) << "nobody is attached";
  to_authenticating();
  EXPECT_FALSE(machine.credentials({})) << "twice";
}

}  // namespace
}  // namespace ts::session
