// What the parts of a session tell its host, and what follows from it: the other half of session_effects.cc.
#include <sys/socket.h>

#include "cmd/tshost/process_signals.h"
#include "cmd/tshost/session_host.h"
#include "cmd/tshost/session_resources.h"
#include "lib/base/log.h"
#include "lib/base/random.h"
#include "lib/session/spawn_messages.h"

namespace ts::host {

using session::EndReason;

SessionDisplay::Handlers SessionHost::display_handlers() {
  return {[this](pid_t pid) { join(cgroup_, pid); },
          [this](int number) {
            session::HostDisplay told;
            told.number = number;
            // If nobody hears it, our own end is near.
            (void)::send(options_.lifeline.get(), &told, sizeof told, MSG_NOSIGNAL | MSG_DONTWAIT);
            screen_.start({display_.identity(), number, display_.cookie(), options_.forwarded, marks_});
            machine_.display_ready(number);
          },
          [this] { machine_.display_restarted(); },
          [this](const std::string& reason) {
            if (machine_.ending()) return end_.look();
            log::error("The display server of session {} is gone, the session ends: {}", options_.id, reason);
            clean_ = machine_.state().display >= 0;
            machine_.end(EndReason::kNone);
          },
          [this](std::uint32_t request, Result<display::Snapshot> picture) {
            tell_picture(request, std::move(picture));
          },
          [this] {
            limits_.input();
            machine_.touched();
          }};
}

ManagerLink::Handlers SessionHost::manager_handlers() {
  return {
      [this] { machine_.manager_connected(); },
      [this](const session::AttachStack& message, UniqueFd socket) { attach(message, std::move(socket)); },
      [this](const session::VerifyReconnect& message) { reconnection_.verify(message); },
      [this](const session::PermitAttempt& message) {
        machine_.permitted(message.connection, std::chrono::milliseconds(message.delay_milliseconds));
      },
      [this](const session::StartShell& message) { machine_.start_shell(message.connection); },
      [this](const session::DetachStack& message) { machine_.detach(message.reason, now()); },
      [this](const session::EndSession& message) { machine_.end(message.reason); },
      [this](const session::ListProcesses& message) { lister_.list(message.request); },
      [this](const session::StackMoved& message) {
        // Its closing of the old socket may have been heard of first.
        if (!machine_.moved(message.connection, now())) stacks_.spare(message.connection);
      },
      [this](const session::DenyShell& message) { machine_.deny_shell(message); },
      [this](const session::OfferSessions& message) { machine_.offer(message); },
      [this](const session::ResetSession& message) { reset(message.reason); },
      [this](const session::SignalProcesses& message) { manager_.send(signal_processes(tree_, message)); },
      [this](const session::TakePicture& message) { display_.take_picture(message.request); },
      [this](const session::ShowBox& message) { show_message(message); }};
}

StackLinks::Handlers SessionHost::stack_handlers() {
  return {[this](const session::Credentials& credentials) {
            if (!machine_.awaits_credentials()) return false;
            keep_credentials(credentials);
            if (!options_.config.sessions.initial_program) credentials_->program = {};
            start_message_.program = FixedText<512>(credentials_->program.view());
            start_message_.folder = FixedText<512>(credentials_->folder.view());
            return machine_.credentials(*credentials_);
          },
          [this] {
            display_.detach();
            machine_.stack_gone(now());
          },
          [this] { finish_when_done(); }, [this] { return machine_.state().uid != session::kNoUid; }};
}

LogonScreen::Handlers SessionHost::screen_handlers() {
  return {[this](pid_t pid) { join(cgroup_, pid); },
          [this] { machine_.logon_screen_restarted(); },
          [this](const session::Credentials& credentials) {
            keep_credentials(credentials);
            bool expected = machine_.typed(*credentials_);
            if (!expected) forget_credentials();
            return expected;
          },
          [this](const session::LogonAnswer& answer) {
            if (!userinit_ || !machine_.answered()) return false;
            session::UserinitAnswer message;
            message.text = answer.text;
            userinit_->send(message);
            wipe(&message, sizeof message);
            return true;
          },
          [this](const session::LogonChosen& chosen) { return machine_.chosen(chosen.session); },
          [this](const session::LogonCancel& cancel) { machine_.cancelled(cancel.disconnect != 0); },
          [this](std::uint32_t request) { health_.answered(HealthCheck::Part::kLogonScreen, request); }};
}

UserinitLink::Handlers SessionHost::userinit_handlers() {
  return {[this](const session::UserinitPrompt& prompt) { machine_.prompted(prompt); },
          [this](const session::UserinitLimits& message) {
            limits_.set(message.limits);
            machine_.set_resources(limit(cgroup_, message.resources));
            machine_.set_per_user(message.per_user);
          },
          [this](const session::UserinitResult& result) {
            if (result.status != session::LogonStatus::kLoggedOn) {
              log_refused(result);
              tell_failed(result.message.view());
            }
            machine_.authenticated(result);
          },
          [this](const session::UserinitStarted& started) {
            if (started.error_number != 0) {
              log::error("The shell of session {} could not be started: {}", options_.id,
                         log::escaped(started.message.view()));
              tell_failed(started.message.view());
            }
            // pam_systemd has moved it, and with it all that it starts, out of our group.
            auto logon = userinit_ ? os::Cgroup::of_logon(userinit_->pid()) : std::nullopt;
            if (logon) {
              machine_.set_resources(limited(*logon, machine_.state().resources));
              tree_.add(*std::move(logon));
            }
            machine_.shell_started(started, now());
          },
          [this](const session::UserinitShellEnded&) {
            // A display server that dies takes the shell with it, which may be heard of first.
            if (!display_.server_ending()) machine_.end(EndReason::kLoggedOffByUser);
          },
          [this] { on_userinit_gone(); }};
}

SessionEnd::Handlers SessionHost::end_handlers() {
  return {[this] { return display_.pids(); }, [this] { display_.stop(); },
          [this](bool clean) {
            clean_ = clean_ && clean;
            processes_gone_ = true;
            finish_when_done();
          }};
}

SessionClearing::Handlers SessionHost::clearing_handlers() {
  return {[this] {
            auto own = display_.pids();
            if (auto pid = screen_.pid()) own.push_back(*pid);
            return own;
          },
          [this](bool clean) {
            display_.fit(display::DisplayProcessOptions{}.size);  // a large one keeps memory
            machine_.cleared(clean);
          }};
}

ProcessLister::Handlers SessionHost::lister_handlers() {
  return {[this] { return tree_.in_groups(); },
          [this](const session::ProcessPage& page) { manager_.send(page); }};
}

MessageBoxes::Handlers SessionHost::message_handlers() {
  return {[this](UniqueFd socket) {
            std::vector<UniqueFd> fds;
            fds.push_back(std::move(socket));
            if (userinit_) userinit_->send(session::UserinitMessages{}, std::move(fds));
          },
          [this] {
            display::OpenDisplay open;
            open.display = display_.number();
            open.cookie = display_.cookie();
            return open;
          },
          [this](const session::BoxShown& message) {
            if (!is_own(message.request)) manager_.send(message);
          },
          [this](const session::BoxEnded& message) {
            if (!is_own(message.request)) return manager_.send(message);
            if (message.how == session::BoxEnded::How::kFailed)
              log::info("Session {} is not warned of its limit: {}", options_.id, message.message.view());
          }};
}

SessionLimits::Handlers SessionHost::limit_handlers() {
  return {.show =
              [this](const session::ShowBox& box) {
                if (machine_.logged_on()) messages_.show(box);
              },
          .close = [this](std::uint32_t request) { messages_.close(request); },
          .disconnect =
              [this](session::EndReason reason) {
                log::info("Session {} is disconnected: {}", options_.id, session::end_reason_text(reason));
                machine_.detach(reason, now());
              },
          .log_off =
              [this](session::EndReason reason) {
                log::info("Session {} is logged off: {}", options_.id, session::end_reason_text(reason));
                machine_.end(reason);
              }};
}

HealthCheck::Handlers SessionHost::health_handlers() {
  return {[this](HealthCheck::Part part, std::uint32_t request) {
            return part == HealthCheck::Part::kDisplay ? display_.ask(request) : screen_.ask(request);
          },
          [this](const std::string& why) {
            log::warning("Session {} waits for nobody any more, it is replaced: {}", options_.id, why);
            machine_.end(EndReason::kNone);
          }};
}

Reconnection::Handlers SessionHost::reconnection_handlers() {
  return {[this](const session::ReconnectTicket& ticket) { stacks_.give(ticket); },
          [this](const session::ReconnectVerified& message) { manager_.send(message); },
          [this]() -> const session::HostState& { return machine_.state(); },
          [this](UserinitLink::Handlers handlers) { return start_userinit(std::move(handlers)); }};
}

}  // namespace ts::host
