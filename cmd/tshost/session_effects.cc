// What the machine of a session wants done: the HostEffects of SessionHost.
#include <cstdlib>

#include "cmd/tshost/session_host.h"
#include "lib/base/log.h"

namespace ts::host {

using session::EndReason;

void SessionHost::announce(const session::HostState& state) {
  manager_.send(state);
  limits_.follow(state);
  health_.set_waiting(state.state == session::State::kIdle);
  if (state.attached == 0) return;
  session::BoxClient client;
  client.keyboard_layout = state.client.keyboard_layout;
  client.scale_percent = state.client.scale_percent;
  client.language = FixedText<16>(options_.config.logon.language);
  messages_.set_client(client);
}
void SessionHost::tell_authenticated(const session::Authenticated& message) {
  manager_.send(message);
}
void SessionHost::tell_shell_failed(const session::ShellFailed& message) {
  manager_.send(message);
}
void SessionHost::ask_permission(const session::LogonAttempt& message) {
  manager_.send(message);
}
void SessionHost::tell_chosen(const session::SessionChosen& message) {
  manager_.send(message);
}
void SessionHost::tell_logon(const session::LogonResult& result) {
  stacks_.tell(result);
}
void SessionHost::change_cookie(session::CookieChange change) {
  reconnection_.change(change);
}
void SessionHost::take_stack() {
  stacks_.attach(std::move(coming_stack_), coming_pid_, coming_connection_);
}
void SessionHost::release_stack(EndReason reason) {
  stacks_.release(reason);
  display_.detach();
}

void SessionHost::hand_over_stack() {
  stacks_.hand_over();
  display_.detach();
}

void SessionHost::fit_display(const session::ClientInfo& client) {
  display_.fit({client.width, client.height});
}

void SessionHost::show_display() {
  auto sockets = display_.attach();
  // No tsdisplay at this moment: display_restarted() follows.
  if (sockets) stacks_.show(options_.id, std::move(sockets->display), std::move(sockets->framebuffer));
}

void SessionHost::greet(const session::ClientInfo& client) {
  session::LogonClient message;
  message.keyboard_layout = client.keyboard_layout;
  message.scale_percent = client.scale_percent;
  message.name = client.name;
  screen_.send(message);
}
void SessionHost::show_form(const session::LogonForm& form) {
  screen_.send(form);
}
void SessionHost::show_working(std::string_view user, std::chrono::milliseconds delay) {
  session::LogonWorking message;
  message.seconds = static_cast<std::uint32_t>(std::chrono::ceil<std::chrono::seconds>(delay).count());
  message.user = FixedText<256>(user);
  screen_.send(message);
}
void SessionHost::show_prompt(const session::UserinitPrompt& prompt) {
  session::LogonPrompt message;
  message.style = prompt.style;
  message.text = prompt.text;
  screen_.send(message);
}
void SessionHost::show_choice(const session::LogonChoice& choice) {
  screen_.send(choice);
}
void SessionHost::answer_nothing() {
  if (userinit_) userinit_->send(session::UserinitAnswer{});
}
void SessionHost::end_logon_screen() {
  screen_.finish();
}

Result<std::unique_ptr<UserinitLink>> SessionHost::start_userinit(UserinitLink::Handlers handlers) {
  auto environment = marks_;
  environment.push_back("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
  for (const char* name : {"LANG", "HOME", "XDG_RUNTIME_DIR"}) {
    if (const char* value = std::getenv(name)) environment.push_back(fmt::format("{}={}", name, value));
  }
  auto userinit = UserinitLink::start(loop_, options_.forwarded, environment, std::move(handlers));
  if (userinit) join(programs_, (*userinit)->pid());
  return userinit;
}

void SessionHost::authenticate() {
  attempt_.session_id = options_.id;
  attempt_.user = credentials_->user;
  attempt_.domain = credentials_->domain;
  auto userinit = start_userinit(userinit_handlers());
  if (!userinit) {
    log::error("A logon fails: {}", userinit.error().message);
    session::UserinitResult result;
    result.notice = session::Notice::kSessionFailed;
    result.message = FixedText<256>(userinit.error().message);
    result.detail = FixedText<512>(userinit.error().message);
    tell_failed(result.message.view());
    return machine_.authenticated(result);
  }
  userinit_ = std::move(*userinit);
  start_message_.session_id = options_.id;
  session::UserinitClient client;
  client.session_id = options_.id;
  client.address = FixedText<64>(machine_.state().client.address.view());
  userinit_->send(client);
  userinit_->send(*credentials_);
  forget_credentials();
}

/// Closing its socket ends it, or as soon as the account's modules let it.
void SessionHost::stop_authentication() {
  userinit_.reset();
}

void SessionHost::start_shell() {
  start_message_.display = display_.number();
  start_message_.cookie = display_.cookie();
  if (userinit_) userinit_->send(start_message_);
}

void SessionHost::clear() {
  start_message_ = {};
  attempt_ = {};
  clearing_.start();
}

void SessionHost::set_timeout(session::HostTimer which, std::chrono::milliseconds delay) {
  net::Timer& timer = which == session::HostTimer::kLogon     ? logon_timer_
                      : which == session::HostTimer::kManager ? manager_timer_
                      : which == session::HostTimer::kAttempt ? attempt_timer_
                                                              : curtain_timer_;
  delay.count() > 0 ? timer.start(delay) : timer.stop();
}

}  // namespace ts::host
