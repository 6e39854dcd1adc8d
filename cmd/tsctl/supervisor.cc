#include "cmd/tsctl/supervisor.h"

#include <algorithm>

#include "lib/base/log.h"

namespace ts::tsctl {
namespace {

constexpr std::chrono::seconds kReadyTime{60};
// A daemon only closes its connections; tsspawn then has this on top of what sessions have, to kill and to
// tidy up.
constexpr std::chrono::seconds kRoleEndTime{5};
constexpr std::chrono::seconds kSpawnerExtraTime{10};

}  // namespace

Supervisor::Supervisor(net::Loop& loop, std::vector<ListeningSocket> sockets, Handlers handlers)
    : loop_(loop),
      sockets_(std::move(sockets)),
      handlers_(std::move(handlers)),
      ready_deadline_(loop, [this] {
        for (const auto& role : roles_) {
          if (role->was_ready()) continue;
          auto text = fmt::format("{} was not ready after {} s", role->name(), kReadyTime.count());
          return on_role_failed({ErrorCode::kTimedOut, text});
        }
      }) {}

Result<std::unique_ptr<Supervisor>> Supervisor::start(net::Loop& loop, const Options& options,
                                                      std::vector<ListeningSocket> sockets,
                                                      Handlers handlers) {
  std::unique_ptr<Supervisor> supervisor(new Supervisor(loop, std::move(sockets), std::move(handlers)));
  TS_TRY(supervisor->start_roles(options));
  return supervisor;
}

Result<> Supervisor::start_roles(const Options& options) {
  TS_TRY_ASSIGN(notify_,
                NotifySocket::open(loop_, {.on_ready = [this](pid_t sender) { on_notified(sender); },
                                           .on_stop = [this](pid_t sender) { on_stop_asked(sender); }}));
  for (const auto& role : kRoles) {
    auto end_time = role.ends_sessions ? options.session_end_timeout + kSpawnerExtraTime : kRoleEndTime;
    RoleProcess::Options own{role,     options.layout, options.environment, notify_->address(),
                             end_time, options.output};
    RoleProcess::Handlers handlers{
        .on_failed = [this](const Error& error) { on_role_failed(error); },
        .on_stopped = [this] { stop_next(); },
        .on_restarted = [this, program = role.program](
                            const std::string& reason) { handlers_.on_restarted(program, reason); }};
    roles_.push_back(std::make_unique<RoleProcess>(loop_, own, sockets_, std::move(handlers)));
    if (role.ends_sessions && options.spawner != 0) {
      TS_TRY(roles_.back()->adopt(options.spawner));
      taken_over_ = true;
    } else {
      roles_.back()->start();
    }
  }
  ready_deadline_.start(kReadyTime);
  return {};
}

void Supervisor::on_notified(pid_t sender) {
  for (const auto& role : roles_) {
    if (role->pid() == sender) role->set_ready();
  }
  bool all = std::all_of(roles_.begin(), roles_.end(), [](const auto& role) { return role->was_ready(); });
  if (!all || announced_ || stopping_ || roles_.size() != kRoles.size()) return;
  announced_ = true;
  ready_deadline_.stop();
  handlers_.on_ready();
}

void Supervisor::on_stop_asked(pid_t sender) {
  for (const auto& role : roles_) {
    if (role->pid() != sender || role->name() != "tssession") continue;
    log::info("Stopping as tssession asks");
    return stop();
  }
}

void Supervisor::on_role_failed(const Error& error) {
  if (stopping_) return;
  if (taken_over_ && !announced_) leave_sessions();
  handlers_.on_failed(error);
}

/// They were there before us, and are there for the next one of us, which may be better configured.
void Supervisor::leave_sessions() {
  log::warning("The sessions that were taken over go on; start 'tsctl up' again when this is mended");
  roles_.front()->let_go();
  left_ = true;
}

void Supervisor::stop() {
  if (stopping_) return;
  stopping_ = true;
  ready_deadline_.stop();
  for (const auto& role : roles_) role->do_not_restart();
  stop_next();
}

void Supervisor::stop_next() {
  if (!stopping_) return;
  for (auto role = roles_.rbegin(); role != roles_.rend(); ++role) {
    if ((*role)->running()) return (*role)->stop();
  }
  auto on_stopped = handlers_.on_stopped;
  on_stopped(left_);
}

}  // namespace ts::tsctl
