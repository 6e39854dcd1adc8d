#include "lib/session/host_machine.h"

#include <gmock/gmock.h>

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
  void tell_logon(const LogonResult& result) override {
    logon = result;
    add("logon " + std::to_string(static_cast<int>(result.status)));
  }
  void take_stack() override { add("take"); }
  void release_stack(EndReason reason) override {
    add("release " + std::to_string(static_cast<int>(reason)));
  }
  void authenticate() override { add("authenticate"); }
  void start_shell() override { add("shell"); }
  void set_timeout(std::chrono::seconds delay) override { add("timeout " + std::to_string(delay.count())); }
  void begin_end() override { add("end"); }

  std::vector<std::string> take() { return std::exchange(done, {}); }

  HostState last;
  Authenticated authenticated;
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
  void to_authenticating() {
    to_conn();
    Credentials credentials;
    credentials.domain.assign("LAB");
    credentials.program.assign("xterm");
    ASSERT_TRUE(machine.credentials(credentials));
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
  HostMachine machine{5, 4711, recorder};
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
  HostMachine console(kConsoleSession, 1, recorder);
  console.display_ready(0);
  EXPECT_THAT(recorder.take(), ElementsAre("announce Conn"));
}

TEST_F(HostMachineTest, LogonFromIdleToActive) {
  machine.display_ready(7);
  recorder.take();
  attach();
  EXPECT_THAT(recorder.take(), ElementsAre("take", "display", "announce Conn"));
  Credentials credentials;
  credentials.domain.assign("LAB");
  ASSERT_TRUE(machine.credentials(credentials));
  EXPECT_THAT(recorder.take(), ElementsAre("authenticate"));
  machine.authenticated(good_result());
  EXPECT_THAT(recorder.take(), ElementsAre("timeout 30", "authenticated ada"));
  EXPECT_EQ(recorder.authenticated.uid, 1000U);
  EXPECT_EQ(recorder.authenticated.connection[0], 1);
  EXPECT_EQ(recorder.authenticated.domain.view(), "LAB");
  machine.start_shell(attach_message(false, 1).connection);
  EXPECT_THAT(recorder.take(), ElementsAre("timeout 0", "shell"));
  machine.shell_started({}, 200);
  EXPECT_THAT(recorder.take(), ElementsAre("logon 0", "announce Active"));
  EXPECT_EQ(recorder.last.user.view(), "ada");
  EXPECT_EQ(recorder.last.logon_time, 200);
  EXPECT_EQ(recorder.last.connect_time, 100);
  EXPECT_EQ(recorder.logon.user.view(), "ada");
}

TEST_F(HostMachineTest, AStackMayComeBeforeTheDisplay) {
  attach();
  EXPECT_THAT(recorder.take(), ElementsAre("take", "announce Init"));
  ASSERT_TRUE(machine.credentials({}));
  machine.authenticated(good_result());
  machine.start_shell(attach_message(false, 1).connection);
  EXPECT_THAT(recorder.take(), ElementsAre("authenticate", "timeout 30", "authenticated ada", "timeout 0"));
  machine.display_ready(7);
  EXPECT_THAT(recorder.take(), ElementsAre("display", "shell", "announce Conn"));
}

TEST_F(HostMachineTest, WrongCredentialsEndTheSession) {
  to_authenticating();
  UserinitResult result;
  result.status = LogonStatus::kBadCredentials;
  result.message.assign("no");
  machine.authenticated(result);
  EXPECT_THAT(recorder.take(), ElementsAre("logon 1", "timeout 0", "release 10", "announce Down", "end"));
  EXPECT_EQ(recorder.logon.message.view(), "no");
}

TEST_F(HostMachineTest, ARefusedAccountAndOurOwnFailureHaveTheirReasons) {
  to_authenticating();
  UserinitResult result;
  result.status = LogonStatus::kAccountRefused;
  machine.authenticated(result);
  EXPECT_THAT(recorder.take(), ElementsAre("logon 2", "timeout 0", "release 9", "announce Down", "end"));

  HostMachine other(6, 1, recorder);
  ASSERT_TRUE(other.attach(attach_message(false, 1), 1));
  ASSERT_TRUE(other.credentials({}));
  recorder.take();
  other.authenticated({});
  EXPECT_THAT(recorder.take(), ElementsAre("logon 3", "timeout 0", "release 7", "announce Down", "end"));
}

TEST_F(HostMachineTest, ARestartedManagerHearsOfTheWaitingUserAgain) {
  to_approved();
  machine.manager_connected();
  EXPECT_THAT(recorder.take(), ElementsAre("announce Conn", "authenticated ada"));
}

TEST_F(HostMachineTest, TheManagerIsNotWaitedForForEver) {
  to_approved();
  machine.timed_out();
  EXPECT_THAT(recorder.take(), ElementsAre("logon 3", "timeout 0", "release 7", "announce Down", "end"));
}

TEST_F(HostMachineTest, AShellThatDoesNotStartEndsTheSession) {
  to_approved();
  machine.start_shell(attach_message(false, 1).connection);
  recorder.take();
  UserinitStarted started;
  started.error_number = 2;
  started.message.assign("no shell");
  machine.shell_started(started, 200);
  EXPECT_THAT(recorder.take(), ElementsAre("logon 3", "timeout 0", "release 7", "announce Down", "end"));
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
  EXPECT_THAT(recorder.take(), ElementsAre("timeout 0", "announce Down", "end"));
}

TEST_F(HostMachineTest, ALostStackDisconnectsALoggedOnSession) {
  to_active();
  machine.stack_gone(300);
  EXPECT_THAT(recorder.take(), ElementsAre("announce Disc"));
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
  machine.detach(EndReason::kDisconnectedByAdmin, 301);
  EXPECT_THAT(recorder.take(), IsEmpty());
}

TEST_F(HostMachineTest, DetachEndsASessionThatNobodyLoggedOnTo) {
  to_conn();
  machine.detach(EndReason::kLogonTimeout, 300);
  EXPECT_THAT(recorder.take(), ElementsAre("timeout 0", "release 4", "announce Down", "end"));
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
  EXPECT_THAT(recorder.take(), ElementsAre("timeout 0", "release 2", "announce Down", "end"));
  machine.end(EndReason::kLoggedOffByUser);
  machine.stack_gone(1);
  machine.detach(EndReason::kNone, 1);
  machine.authenticated(good_result());
  machine.start_shell({});
  machine.shell_started({}, 1);
  machine.display_ready(9);
  machine.display_restarted();
  machine.timed_out();
  EXPECT_THAT(recorder.take(), IsEmpty());
  machine.manager_connected();
  EXPECT_THAT(recorder.take(), ElementsAre("announce Down"));
}

}  // namespace
