#include "cmd/tshost/session_display.h"

#include <fcntl.h>
#include <unistd.h>

#include "lib/base/log.h"
#include "lib/os/process_tree.h"

namespace ts::host {
namespace {

constexpr std::chrono::milliseconds kFirstRestartDelay{50};
constexpr std::chrono::milliseconds kLongestRestartDelay{5000};

}  // namespace

SessionDisplay::SessionDisplay(net::Loop& loop, const config::Config& config,
                               std::vector<std::string> arguments, std::vector<std::string> environment,
                               Handlers handlers)
    : loop_(loop),
      config_(config),
      arguments_(std::move(arguments)),
      environment_(std::move(environment)),
      handlers_(std::move(handlers)),
      restart_(loop, [this] { start_tsdisplay(); }),
      restart_delay_(kFirstRestartDelay) {}

Result<> SessionDisplay::start(std::uint32_t session_id) {
  if (::geteuid() == 0) {
    TS_TRY_ASSIGN(uid_, claim_display_uid(config_.sessions.display_uids, session_id));
    identity_ = os::Identity{uid_.uid, uid_.uid, {}};
  }
  display::ServerOptions options;
  options.identity = identity_;
  options.max_size = {config_.sessions.max_size.width, config_.sessions.max_size.height};
  options.folder = config_.layout.runtime;
  options.environment = environment_;
  display::DisplayServer::Handlers handlers{[this](const display::ServerReady& ready) {
                                              number_ = ready.display;
                                              cookie_ = ready.cookie;
                                              start_tsdisplay();
                                            },
                                            [this](const std::string& reason) { on_server_exit(reason); }};
  TS_TRY_ASSIGN(server_, display::start_xvfb(loop_, options, std::move(handlers)));
  server_alive_ = true;
  handlers_.on_process(server_->pid());
  return {};
}

void SessionDisplay::start_tsdisplay() {
  if (!server_alive_ || stopping_) return;
  display::DisplayProcessOptions options;
  options.identity = identity_;
  options.display = number_;
  options.cookie = cookie_;
  options.framebuffer = server_->framebuffer();
  options.environment = environment_;
  options.arguments = arguments_;
  display::DisplayProcess::Handlers handlers{[this] {
                                               restart_delay_ = kFirstRestartDelay;
                                               if (ready_told_) return handlers_.on_restarted();
                                               ready_told_ = true;
                                               handlers_.on_ready(number_);
                                             },
                                             [this](const std::string& reason) { on_tsdisplay_exit(reason); },
                                             handlers_.on_picture, handlers_.on_input, handlers_.on_answer};
  auto process = display::start_display_process(loop_, options, std::move(handlers));
  if (!process) return on_tsdisplay_exit(process.error().message);
  process_ = std::move(*process);
  handlers_.on_process(process_->pid());
}

void SessionDisplay::on_tsdisplay_exit(const std::string& reason) {
  process_.reset();
  if (stopping_ || !server_alive_) return;
  log::warning("Starting tsdisplay anew: {}", reason);
  restart_.start(restart_delay_);
  restart_delay_ = std::min(restart_delay_ * 2, kLongestRestartDelay);
}

void SessionDisplay::on_server_exit(const std::string& reason) {
  server_alive_ = false;
  restart_.stop();
  process_.reset();
  handlers_.on_gone(reason);
}

void SessionDisplay::stop() {
  stopping_ = true;
  restart_.stop();
  process_.reset();
  if (server_alive_) server_->stop();
}

std::optional<SessionDisplay::Sockets> SessionDisplay::attach() {
  if (!process_ || !server_alive_) return std::nullopt;
  auto socket = process_->attach();
  UniqueFd framebuffer(::fcntl(server_->framebuffer_readonly(), F_DUPFD_CLOEXEC, 0));
  if (!socket || !framebuffer) return std::nullopt;
  return Sockets{std::move(*socket), std::move(framebuffer)};
}

void SessionDisplay::detach() {
  if (!process_) return;
  if (auto sent = process_->detach(); !sent)
    log::warning("tsdisplay cannot be told: {}", sent.error().message);
}

void SessionDisplay::fit(display::Size size) {
  if (!process_ || size.width == 0 || size.height == 0) return;
  if (auto sent = process_->fit(size); !sent)
    log::warning("tsdisplay cannot be told: {}", sent.error().message);
}

void SessionDisplay::take_picture(std::uint32_t request) {
  Result<> asked = fail(ErrorCode::kUnavailable, "its display is not there");
  if (process_ && server_alive_) asked = process_->take_picture(request);
  if (!asked) handlers_.on_picture(request, pass(asked.error()));
}

bool SessionDisplay::ask(std::uint32_t request) {
  return process_ && process_->ask(request);
}

bool SessionDisplay::server_ending() const {
  return !server_alive_ || os::is_exiting(server_->pid());
}

std::vector<pid_t> SessionDisplay::pids() const {
  std::vector<pid_t> out;
  if (server_alive_) out.push_back(server_->pid());
  if (process_) out.push_back(process_->pid());
  return out;
}

}  // namespace ts::host
