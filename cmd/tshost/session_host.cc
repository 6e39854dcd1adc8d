#include "cmd/tshost/session_host.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/log.h"
#include "lib/base/random.h"

namespace ts::host {
namespace {

using session::EndReason;

/// The host of a server that is being stopped has its supervisor waiting.
constexpr std::chrono::milliseconds kLeaveGrace{2000};

std::vector<std::string> marks_of(const HostOptions& options) {
  return {fmt::format("TS_SESSION_ID={}", options.id), "TS_SESSION_KEY=" + options.key};
}

}  // namespace

SessionHost::SessionHost(net::Loop& loop, HostOptions options)
    : loop_(loop),
      options_(std::move(options)),
      marks_(marks_of(options_)),
      cgroup_(os::Cgroup::create(session::cgroup_name(options_.id, ::getpid()))),
      programs_(cgroup_ ? cgroup_->inner("programs") : std::nullopt),
      tree_(::getpid(), marks_, programs_),
      machine_(options_.id, ::getpid(), options_.config.sessions.logon_timeout, *this),
      stacks_(loop, stack_handlers()),
      display_(loop, options_.config, options_.forwarded, marks_, display_handlers()),
      screen_(loop, screen_handlers()),
      end_(loop, tree_, end_handlers()),
      clearing_(loop, tree_, clearing_handlers()),
      lister_(loop, lister_handlers()),
      messages_(loop, message_handlers()),
      limits_(loop, limit_handlers()),
      health_(loop, options_.config.sessions.check_interval, health_handlers()),
      reconnection_(loop, options_.config.sessions.auto_reconnect, reconnection_handlers()),
      manager_(loop, options_.config.layout.hosts_socket(), manager_handlers()),
      logon_timer_(loop, [this] { machine_.timed_out(session::HostTimer::kLogon); }),
      manager_timer_(loop, [this] { machine_.timed_out(session::HostTimer::kManager); }),
      attempt_timer_(loop, [this] { machine_.timed_out(session::HostTimer::kAttempt); }),
      curtain_timer_(loop, [this] { machine_.timed_out(session::HostTimer::kCurtain); }),
      on_child_(loop, SIGCHLD, [this] { reap(); }),
      on_term_(loop, SIGTERM, [this] { leave("SIGTERM"); }),
      on_interrupt_(loop, SIGINT, [this] { leave("SIGINT"); }),
      lifeline_(loop, options_.lifeline.get(),
                [this](net::Poller::Ready) { leave("tsspawn let go of it"); }) {
  lifeline_.watch(true, false);
}

SessionHost::~SessionHost() {
  if (cgroup_) cgroup_->remove();
}

Result<> SessionHost::start() {
  return display_.start(options_.id);
}

void SessionHost::attach(const session::AttachStack& message, UniqueFd socket) {
  coming_stack_ = std::move(socket);
  coming_pid_ = message.stack;
  coming_connection_ = message.connection;
  // Another computer may have taken the session over since the cookie was found good.
  bool proved = message.automatic == 0 || reconnection_.proved(message.connection);
  if (!proved || !machine_.attach(message, now())) {
    log::warning("Refusing a stack: session {} cannot take it now", options_.id);
    // It may come from a session that has let it go, and is nobody's else to see off.
    if (message.logged_on != 0) stacks_.turn_away(coming_pid_);
  }
  coming_stack_.reset();
}

void SessionHost::show_message(const session::ShowBox& message) {
  if (machine_.logged_on() && !is_own(message.request)) return messages_.show(message);
  session::BoxEnded ended;
  ended.request = message.request;
  ended.message = FixedText<256>("nobody is logged on");
  manager_.send(ended);
}

void SessionHost::keep_credentials(const session::Credentials& credentials) {
  forget_credentials();
  credentials_ = std::make_unique<session::Credentials>(credentials);
}

void SessionHost::forget_credentials() {
  if (credentials_) wipe(credentials_.get(), sizeof *credentials_);
  credentials_.reset();
}

/// One line that fail2ban's filter (ts.conf) knows: the address first, what strangers chose after it and
/// quoted.
void SessionHost::log_refused(const session::UserinitResult& result) {
  log::warning("Failed logon client={} user=\"{}\" session={} reason=\"{}\"",
               log::escaped(machine_.state().client.address.view()), log::escaped(machine_.attempted_user()),
               options_.id, log::escaped(result.message.view()));
}

/// For the event log.
void SessionHost::tell_failed(std::string_view why) {
  attempt_.message = FixedText<256>(why);
  manager_.send(attempt_);
}

void SessionHost::tell_picture(std::uint32_t request, Result<display::Snapshot> picture) {
  session::PictureTaken answer;
  answer.request = request;
  if (!picture) {
    answer.message = FixedText<256>(picture.error().message);
    return manager_.send(answer);
  }
  answer.offset = picture->geometry.offset;
  answer.stride = picture->geometry.stride;
  answer.width = picture->geometry.width;
  answer.height = picture->geometry.height;
  std::vector<UniqueFd> fds;
  fds.push_back(std::move(picture->file));
  manager_.send(answer, std::move(fds));
}

void SessionHost::on_userinit_gone() {
  userinit_.reset();
  // A display server that dies takes the shell with it, and the shell this, which may be heard of first.
  if (machine_.ending() || (machine_.logged_on() && display_.server_ending())) return;
  session::UserinitResult result;
  result.notice = session::Notice::kSessionFailed;
  result.message = FixedText<256>("tsuserinit ended unexpectedly");
  result.detail = FixedText<512>(result.message.view());
  if (!machine_.logged_on()) {
    log::error("A logon in session {} fails: tsuserinit ended unexpectedly", options_.id);
    tell_failed(result.message.view());
    return machine_.userinit_gone(result);
  }
  log::error("tsuserinit of session {} ended unexpectedly, the session ends", options_.id);
  machine_.end(EndReason::kNone);
}

/// The whole server is being stopped, or our parent has gone.
void SessionHost::leave(const char* why) {
  lifeline_.watch(false, false);
  leaving_ = true;
  if (machine_.logged_on()) log::info("Session {} ends: {}", options_.id, why);
  if (machine_.ending()) return end_.start(kLeaveGrace);
  machine_.end(EndReason::kLoggedOffByAdmin);
}

/// tsuserinit is all that is not killed: it closes the account's session, which is quickly done.
void SessionHost::reset(EndReason reason) {
  reset_ = true;
  log::info("Session {} is reset", options_.id);
  machine_.ending() ? begin_end() : machine_.end(reason);
}

void SessionHost::begin_end() {
  std::chrono::milliseconds grace = options_.config.sessions.end_timeout;
  clearing_.stop();
  screen_.stop();
  lister_.stop();
  messages_.stop();
  limits_.stop();
  reconnection_.stop();
  if (reset_) return end_.start_killing(userinit_ ? userinit_->pid() : 0);
  end_.start(leaving_ ? std::min(grace, kLeaveGrace) : grace);
}

/// As child subreaper we are the parent of whatever a program of the session left behind.
void SessionHost::reap() {
  while (::waitpid(-1, nullptr, WNOHANG) > 0) {
  }
  end_.look_soon();
}

void SessionHost::finish_when_done() {
  if (processes_gone_ && stacks_.all_gone()) loop_.stop();
}

void SessionHost::join(const std::optional<os::Cgroup>& group, pid_t pid) {
  if (!group) return;
  if (auto added = group->add(pid); !added) log::debug("No cgroup for {}: {}", pid, added.error().message);
}

}  // namespace ts::host
