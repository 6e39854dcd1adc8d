#include "cmd/tshost/session_end.h"

#include <signal.h>

#include <utility>

#include "lib/base/log.h"

namespace ts::host {
namespace {

/// Processes that are not our children end unheard; this is how long that stays unnoticed.
constexpr std::chrono::milliseconds kTick{50};
/// Every look goes through all processes of the system.
constexpr std::chrono::milliseconds kSoon{5};
/// What closing an account's session may take when nothing else of the session is left.
constexpr std::chrono::seconds kClosing{2};
/// A process that outlives KILL for so long hangs in the kernel.
constexpr std::chrono::seconds kGiveUp{20};

}  // namespace

SessionEnd::SessionEnd(net::Loop& loop, os::ProcessTree& tree, Handlers handlers)
    : tree_(tree), handlers_(std::move(handlers)), tick_(loop, [this] { look(); }) {}

void SessionEnd::start(std::chrono::milliseconds grace) {
  auto now = net::Clock::now();
  if (started_) {
    kill_at_ = std::min(kill_at_, now + grace);
    return;
  }
  started_ = true;
  kill_at_ = now + grace;
  give_up_at_ = kill_at_ + kGiveUp;
  tree_.signal(SIGTERM, handlers_.display_pids());
  tick_.start(kTick);
}

void SessionEnd::start_killing(pid_t closing) {
  auto now = net::Clock::now();
  if (!std::exchange(started_, true)) kill_at_ = now + kClosing;
  kill_at_ = std::min(kill_at_, now + kClosing);
  give_up_at_ = kill_at_ + kGiveUp;
  for (pid_t pid : tree_.members(handlers_.display_pids())) ::kill(pid, pid == closing ? SIGTERM : SIGKILL);
  look_soon();
}

void SessionEnd::look() {
  if (!started_ || done_) return;
  soon_ = false;
  auto now = net::Clock::now();
  auto display = handlers_.display_pids();
  auto [left, nothing_left] = tree_.look(display);
  if (nothing_left && display.empty()) return finish(true);
  if (now >= give_up_at_) return finish(false);
  if (nothing_left && !display_stopped_) {
    display_stopped_ = true;
    handlers_.stop_display();
  } else if (!nothing_left && now >= kill_at_) {
    // Also when none is seen: what forks and ends without end may be none at the moment of looking.
    tree_.signal(SIGKILL, display);
  }
  tick_.start(left.empty() && !nothing_left ? kSoon : kTick);
}

void SessionEnd::look_soon() {
  if (!started_ || done_ || std::exchange(soon_, true)) return;
  tick_.start(kSoon);
}

void SessionEnd::finish(bool clean) {
  done_ = true;
  tick_.stop();
  if (!clean) log::error("Processes of this session cannot be killed: they hang in the kernel");
  handlers_.on_done(clean);
}

}  // namespace ts::host
