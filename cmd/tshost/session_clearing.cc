#include "cmd/tshost/session_clearing.h"

#include "lib/base/log.h"

namespace ts::host {
namespace {

/// A look goes through all processes of the system, and the client is just being shown its desktop.
constexpr std::chrono::milliseconds kFirstLook{50};
constexpr std::chrono::milliseconds kTick{20};
/// tsuserinit ends when its modules let it.
constexpr std::chrono::seconds kGiveUp{2};

}  // namespace

SessionClearing::SessionClearing(net::Loop& loop, os::ProcessTree& tree, Handlers handlers)
    : tree_(tree), handlers_(std::move(handlers)), tick_(loop, [this] { look(); }) {}

void SessionClearing::start() {
  give_up_at_ = net::Clock::now() + kGiveUp;
  tick_.start(kFirstLook);
}

void SessionClearing::look() {
  const auto [left, nothing_left] = tree_.look(handlers_.own_pids());
  if (nothing_left) return handlers_.on_done(true);
  if (net::Clock::now() < give_up_at_) return tick_.start(kTick);
  log::warning("Ending a session that waits for nobody: {} processes of the last logon do not end",
               left.size());
  handlers_.on_done(false);
}

}  // namespace ts::host
