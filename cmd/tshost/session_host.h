// One session: its display server, tsdisplay, the logon screen, the account's tsuserinit, the attached stack
// and the link to tssession, joined by the pure HostMachine (lib/session/host_machine.h), whose effects are
// carried out here. Ends when the machine says so, when the lifeline (the other end is tsspawn's) closes, or
// at SIGTERM; then nothing of the session is left.
#pragma once

#include <ctime>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cmd/tshost/display_uid.h"
#include "cmd/tshost/health_check.h"
#include "cmd/tshost/logon_screen.h"
#include "cmd/tshost/manager_link.h"
#include "cmd/tshost/message_boxes.h"
#include "cmd/tshost/process_lister.h"
#include "cmd/tshost/reconnection.h"
#include "cmd/tshost/session_clearing.h"
#include "cmd/tshost/session_display.h"
#include "cmd/tshost/session_end.h"
#include "cmd/tshost/session_limits.h"
#include "cmd/tshost/stack_links.h"
#include "cmd/tshost/userinit_link.h"
#include "lib/config/config.h"
#include "lib/os/cgroup.h"
#include "lib/os/process_tree.h"
#include "lib/session/host_machine.h"

namespace ts::host {

struct HostOptions {
  session::SessionId id = 0;
  config::Config config;
  std::vector<std::string> forwarded;  // common options for child programs
  std::string key;                     // marks the session's processes, together with the id
  UniqueFd lifeline;
};

class SessionHost : private session::HostEffects {
 public:
  SessionHost(net::Loop& loop, HostOptions options);
  ~SessionHost() override;

  /// Starts the display server; the rest follows from the loop, which is stopped at the end.
  [[nodiscard]] Result<> start();
  /// After the loop has ended: nothing failed and nothing is left.
  bool clean() const { return clean_; }

 private:
  // HostEffects
  void announce(const session::HostState& state) override;
  void tell_authenticated(const session::Authenticated& message) override;
  void tell_shell_failed(const session::ShellFailed& message) override;
  void ask_permission(const session::LogonAttempt& message) override;
  void tell_chosen(const session::SessionChosen& message) override;
  void fit_display(const session::ClientInfo& client) override;
  void show_display() override;
  void tell_logon(const session::LogonResult& result) override;
  void change_cookie(session::CookieChange change) override;
  void take_stack() override;
  void release_stack(session::EndReason reason) override;
  void hand_over_stack() override;
  void greet(const session::ClientInfo& client) override;
  void show_form(const session::LogonForm& form) override;
  void show_working(std::string_view user, std::chrono::milliseconds delay) override;
  void show_prompt(const session::UserinitPrompt& prompt) override;
  void show_choice(const session::LogonChoice& choice) override;
  void answer_nothing() override;
  void end_logon_screen() override;
  void authenticate() override;
  void stop_authentication() override;
  void forget_credentials() override;
  void start_shell() override;
  void clear() override;
  void set_timeout(session::HostTimer timer, std::chrono::milliseconds delay) override;
  void begin_end() override;

  // session_handlers.cc: what each part of the session tells, and what follows.
  SessionDisplay::Handlers display_handlers();
  ManagerLink::Handlers manager_handlers();
  StackLinks::Handlers stack_handlers();
  LogonScreen::Handlers screen_handlers();
  UserinitLink::Handlers userinit_handlers();
  SessionEnd::Handlers end_handlers();
  SessionClearing::Handlers clearing_handlers();
  ProcessLister::Handlers lister_handlers();
  MessageBoxes::Handlers message_handlers();
  SessionLimits::Handlers limit_handlers();
  HealthCheck::Handlers health_handlers();
  Reconnection::Handlers reconnection_handlers();

  /// In Unix seconds.
  static std::int64_t now() { return static_cast<std::int64_t>(std::time(nullptr)); }
  /// A box of ours, of which tssession knows nothing.
  static bool is_own(std::uint32_t request) { return (request & session::kHostsRequest) != 0; }
  void attach(const session::AttachStack& message, UniqueFd socket);
  Result<std::unique_ptr<UserinitLink>> start_userinit(UserinitLink::Handlers handlers);
  void keep_credentials(const session::Credentials& credentials);
  void log_refused(const session::UserinitResult& result);
  void tell_failed(std::string_view why);
  void tell_picture(std::uint32_t request, Result<display::Snapshot> picture);
  void show_message(const session::ShowBox& message);
  void on_userinit_gone();
  void leave(const char* why);
  void reset(session::EndReason reason);
  void reap();
  void finish_when_done();
  static void join(const std::optional<os::Cgroup>& group, pid_t pid);

  net::Loop& loop_;
  HostOptions options_;
  std::vector<std::string> marks_;
  std::optional<os::Cgroup> cgroup_, programs_;  // of the session; in it, of what the user runs
  os::ProcessTree tree_;
  session::HostMachine machine_;
  StackLinks stacks_;
  SessionDisplay display_;
  LogonScreen screen_;
  SessionEnd end_;
  SessionClearing clearing_;
  ProcessLister lister_;
  MessageBoxes messages_;
  SessionLimits limits_;
  HealthCheck health_;
  Reconnection reconnection_;
  ManagerLink manager_;
  std::unique_ptr<UserinitLink> userinit_;
  UniqueFd coming_stack_;  // while the machine decides
  pid_t coming_pid_ = 0;   // that stack's
  session::ConnectionId coming_connection_{};
  std::unique_ptr<session::Credentials> credentials_;  // from their coming until tsuserinit has them; wiped
  session::UserinitStart start_message_;
  session::LogonFailed attempt_;  // who tries to log on, should it fail
  net::Timer logon_timer_, manager_timer_, attempt_timer_, curtain_timer_;
  net::SignalWatcher on_child_, on_term_, on_interrupt_;
  net::Poller lifeline_;
  bool processes_gone_ = false;
  bool clean_ = true;
  bool leaving_ = false;
  bool reset_ = false;
};

}  // namespace ts::host
