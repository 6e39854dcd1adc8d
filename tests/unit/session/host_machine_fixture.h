// A host machine whose effects are written down in words.
#pragma once

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <map>
#include <string>
#include <vector>

#include "lib/session/host_machine.h"

namespace ts::session {

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
  void fit_display(const ClientInfo& client) override { add("fit " + client.name.str()); }
  void show_display() override { add("display"); }
  void tell_shell_failed(const ShellFailed&) override { add("shell failed"); }
  void ask_permission(const LogonAttempt& message) override {
    attempt = message;
    add("may " + message.user.str() + "?");
  }
  void tell_chosen(const SessionChosen& message) override {
    chosen = message;
    add(message.chosen == LogonChosen::kNewSession ? "chosen new" : fmt::format("chosen {}", message.chosen));
  }
  void tell_logon(const LogonResult& result) override {
    logon = result;
    add("logon " + std::to_string(static_cast<int>(result.status)));
  }
  // Looked at where a test is about them.
  void change_cookie(CookieChange change) override {
    constexpr std::array<std::string_view, 4> kNames{"new", "renewed", "client lost", "void"};
    cookie.emplace_back(kNames.at(static_cast<std::size_t>(change)));
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
  void show_choice(const LogonChoice& message) override {
    choice = message;
    add(fmt::format("choice of {}{}", message.count, message.may_start_new != 0 ? " or new" : ""));
  }
  void answer_nothing() override { add("answer nothing"); }
  void end_logon_screen() override { add("desktop"); }
  void authenticate() override { add("authenticate"); }
  void stop_authentication() override { authenticating = false; }
  void forget_credentials() override { forgot = true; }
  void start_shell() override { add("shell"); }
  void clear() override { add("clear"); }
  // Clocks are looked at where a test is about them: `timers` has those that run.
  void set_timeout(HostTimer timer, std::chrono::milliseconds delay) override {
    delay.count() > 0 ? (void)(timers[timer] = delay) : (void)timers.erase(timer);
  }
  void begin_end() override { add("end"); }

  std::vector<std::string> take() { return std::exchange(done, {}); }

  HostState last;
  Authenticated authenticated;
  LogonAttempt attempt;
  SessionChosen chosen;
  LogonChoice choice;
  LogonForm form;
  std::map<HostTimer, std::chrono::milliseconds> timers;
  bool authenticating = true, forgot = false;
  LogonResult logon;
  std::vector<std::string> cookie;
  std::vector<std::string> done;

 private:
  static std::string_view name(State state) {
    constexpr std::array<std::string_view, 7> kNames{"Init", "Idle",   "Conn", "Active",
                                                     "Disc", "Listen", "Down"};
    return kNames.at(static_cast<std::size_t>(state));
  }
  void add(std::string what) { done.push_back(std::move(what)); }
};

inline AttachStack attach_message(bool logged_on, std::uint8_t connection) {
  AttachStack message;
  message.logged_on = logged_on ? 1 : 0;
  message.connection[0] = connection;
  message.client.name.assign("client-" + std::to_string(connection));
  return message;
}

inline UserinitResult good_result() {
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
  /// As above, but it took a while.
  void to_seen_authenticating() {
    to_authenticating();
    machine.timed_out(HostTimer::kCurtain);
    recorder.take();
  }
  void to_seen_approved() {
    to_seen_authenticating();
    machine.authenticated(good_result());
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

}  // namespace ts::session
