#include "lib/session/host_machine.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <map>
#include <string>
#include <vector>

namespace {

using namespace ts::session;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// Writes down what the machine wants, in words.
class Recorder : public HostEffects {
 public:
  void announce(const HostState& state) override {
    last = state;
    add("announce " + std::string(name(state.state)));
  }
  void tell_authenticated(const Authenticated& message) override {
    authenticated = message;
    add("authenticated " + message.user.str());
  }
  void show_display() override { add("display"); }
  void tell_shell_failed(const ShellFailed&) override { add("shell failed"); }
  void ask_permission(const LogonAttempt& message) override {
    attempt = message;
    add("may " + message.user.str() + "?");
  }
  void tell_logon(const LogonResult& result) override {
    logon = result;
    add("logon " + std::to_string(static_cast<int>(result.status)));
  }
  void take_stack() override { add("take"); }
  void hand_over_stack() override { add("hand over"); }
  void release_stack(EndReason reason) override {
    add("release " + std::to_string(static_cast<int>(reason)));
  }
  void greet(const ClientInfo& client) override { add("greet " + client.name.str()); }
  void show_form(const LogonForm& message) override {
    form = message;
    add("form " + std::to_string(static_cast<int>(message.notice)) + " " + message.user.str());
  }
  void show_working(std::string_view user, std::chrono::milliseconds delay) override {
    add("working " + std::string(user) + (delay.count() > 0 ? fmt::format(" in {}", delay.count()) : ""));
  }
  void show_prompt(const UserinitPrompt& prompt) override { add("prompt " + prompt.text.str()); }
  void answer_nothing() override { add("answer nothing"); }
  void end_logon_screen() override { add("desktop"); }
  void authenticate() override { add("authenticate"); }
  void stop_authentication() override { authenticating = false; }
  void forget_credentials() override { forgot = true; }
  void start_shell() override { add("shell"); }
  // Clocks are looked at where a test is about them: `timers` has those that run.
  void set_timeout(HostTimer timer, std::chrono::milliseconds delay) override {
    delay.count() > 0 ? (void)(timers[timer] = delay) : (void)timers.erase(timer);
  }
  void begin_end() override { add("end"); }

  std::vector<std::string> take() { return std::exchange(done, {}); }

  HostState last;
  Authenticated authenticated;
  LogonAttempt attempt;
  LogonForm form;
  std::map<HostTimer, std::chrono::milliseconds> timers;
  bool authenticating = true, forgot = false;
  LogonResult logon;
  std::vector<std::string> done;

 private:
  static std::string_view name(State state) {
    constexpr std::array<std::string_view, 7> kNames{"Init", "Idle",   "Conn", "Active",
                                                     "Disc", "Listen", "Down"};
    return kNames.at(static_cast<std::size_t>(state));
  }
  void add(std::string what) { done.push_back(std::move(what)); }
};

AttachStack attach_message(bool logged_on, std::uint8_t connection) {
  AttachStack message;
  message.logged_on = logged_on ? 1 : 0;
  message.connection[0] = connection;
  message.client.name.assign("client-" + std::to_string(connection));
  return message;
}

UserinitResult good_result() {
  UserinitResult result;
  result.status = LogonStatus::kLoggedOn;
  result.uid = 1000;
  result.user.assign("ada");
  return result;
}

class HostMachineTest : public ::testing::Test {
 protected:
  void attach() { ASSERT_TRUE(machine.attach(attach_message(false, 1), 100)); }
  void to_conn() {
    machine.display_ready(7);
    attach();
    recorder.take();
  }
  static Credentials filled() {
    Credentials credentials;
    credentials.user.assign("ada");
    credentials.domain.assign("LAB");
    credentials.password.assign("secret");
    credentials.program.assign("xterm");
    return credentials;
  }
  static ConnectionId first() { return attach_message(false, 1).connection; }
  void to_form() {
    to_conn();
    ASSERT_TRUE(machine.credentials({}));
    recorder.take();
  }
  void to_authenticating() {
    to_conn();
    ASSERT_TRUE(machine.credentials(filled()));
    machine.permitted(first(), {});
    recorder.take();
  }
  void to_approved() {
    to_authenticating();
    machine.authenticated(good_result());
    recorder.take();
  }
  void to_active() {
    to_approved();
    machine.start_shell(attach_message(false, 1).connection);
    machine.shell_started({}, 200);
    recorder.take();
  }

  Recorder recorder;
  HostMachine machine{5, 4711, std::chrono::seconds(60), recorder};
};

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
  EXPECT_THAT(recorder.take(), ElementsAre("take", "display", "greet client-1", "announce Conn"));
  EXPECT_EQ(recorder.timers[HostTimer::kLogon], std::chrono::seconds(60));
  ASSERT_TRUE(machine.credentials(filled()));
  EXPECT_THAT(recorder.take(), ElementsAre("working ada", "may ada?"));
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
  EXPECT_THAT(recorder.take(), ElementsAre("shell"));
  machine.shell_started({}, 200);
  EXPECT_THAT(recorder.take(), ElementsAre("desktop", "logon 0", "announce Active"));
  EXPECT_TRUE(recorder.timers.empty());
  EXPECT_EQ(recorder.last.user.view(), "ada");
  EXPECT_EQ(recorder.last.logon_time, 200);
  EXPECT_EQ(recorder.last.connect_time, 100);
  EXPECT_EQ(recorder.logon.user.view(), "ada");
}

TEST_F(HostMachineTest, AStackMayComeBeforeTheDisplay) {
  attach();
  EXPECT_THAT(recorder.take(), ElementsAre("take", "greet client-1", "announce Init"));
  ASSERT_TRUE(machine.credentials(filled()));
  machine.permitted(first(), {});
  machine.authenticated(good_result());
  machine.start_shell(first());
  EXPECT_THAT(recorder.take(), ElementsAre("working ada", "may ada?", "authenticate", "authenticated ada"));
  machine.display_ready(7);
  EXPECT_THAT(recorder.take(), ElementsAre("display", "shell", "announce Conn"));
}

TEST_F(HostMachineTest, AClientWithoutAPasswordGetsTheForm) {
  to_conn();
  Credentials named;
  named.user.assign("ada");
  ASSERT_TRUE(machine.credentials(named));
  EXPECT_THAT(recorder.take(), ElementsAre("form 0 ada"));
  ASSERT_TRUE(machine.typed(filled()));
  EXPECT_THAT(recorder.take(), ElementsAre("working ada", "may ada?"));
  EXPECT_FALSE(machine.typed(filled())) << "while it is tried";
}

TEST_F(HostMachineTest, NothingIsTypedBeforeTheClientHasSaidWhatItSends) {
  to_conn();
  EXPECT_FALSE(machine.typed(filled()));
}

TEST_F(HostMachineTest, WrongCredentialsGoBackToTheForm) {
  to_authenticating();
  UserinitResult result;
  result.status = LogonStatus::kBadCredentials;
  result.notice = Notice::kBadCredentials;
  result.message.assign("no");
  result.detail.assign("module says");
  machine.authenticated(result);
  EXPECT_THAT(recorder.take(), ElementsAre("logon 1", "form 1 ada", "announce Conn"));
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
  EXPECT_THAT(recorder.take(), ElementsAre("prompt Token:"));
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
  to_authenticating();
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
  to_approved();
  EXPECT_EQ(recorder.timers[HostTimer::kManager], kManagerTimeout);
  machine.timed_out(HostTimer::kManager);
  EXPECT_THAT(recorder.take(), ElementsAre("logon 3", "form 9 ada", "announce Conn"));
  ASSERT_TRUE(machine.typed(filled()));
  recorder.take();
  machine.timed_out(HostTimer::kManager);
  EXPECT_THAT(recorder.take(), ElementsAre("logon 3", "form 9 ada", "announce Conn"));
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

TEST_F(HostMachineTest, NobodyMovesAStackFromALogon) {
  to_approved();
  EXPECT_FALSE(machine.moved(first(), 300));
  EXPECT_THAT(recorder.take(), IsEmpty());
}

TEST_F(HostMachineTest, AShellThatIsNotToBeIsSaidOnTheForm) {
  to_approved();
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

TEST_F(HostMachineTest, ALostStackEndsASessionThatNobodyLoggedOnTo) {
  to_conn();
  machine.stack_gone(300);
  EXPECT_THAT(recorder.take(), ElementsAre("announce Down", "end"));
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

TEST_F(HostMachineTest, CredentialsComeOnceAndFromAStack) {
  EXPECT_FALSE(machine.credentials({})) << "nobody is attached";
  to_authenticating();
  EXPECT_FALSE(machine.credentials({})) << "twice";
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
  machine.logon_screen_restarted();
  EXPECT_THAT(recorder.take(), IsEmpty());
  machine.manager_connected();
  EXPECT_THAT(recorder.take(), ElementsAre("announce Down"));
}

}  // namespace
