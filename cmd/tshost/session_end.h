// The end of a session's processes: TERM to all but the display server, so that programs can save and close
// their windows; KILL to what is left after the grace; then the display server; until nothing is left.
#pragma once

#include <functional>
#include <vector>

#include "lib/net/loop.h"
#include "lib/os/process_tree.h"

namespace ts::host {

class SessionEnd {
 public:
  struct Handlers {
    /// The display server and tsdisplay: ended last, by their owner.
    std::function<std::vector<pid_t>()> display_pids;
    std::function<void()> stop_display;
    /// Nothing is left (true), or something cannot be killed.
    std::function<void(bool clean)> on_done;
  };

  SessionEnd(net::Loop& loop, os::ProcessTree& tree, Handlers handlers);

  /// May be called again with a shorter grace.
  void start(std::chrono::milliseconds grace);
  /// Without grace, also when it has started already: KILL to all but the display server and `closing` (0:
  /// none), which gets TERM and a moment.
  void start_killing(pid_t closing);
  bool started() const { return started_; }
  void look();
  /// A child has gone: look sooner than at the next tick. Programs that fork without end have no end of
  /// children.
  void look_soon();

 private:
  void finish(bool clean);

  os::ProcessTree& tree_;
  Handlers handlers_;
  net::Timer tick_;
  net::TimePoint kill_at_;
  net::TimePoint give_up_at_;
  bool soon_ = false;
  bool started_ = false;
  bool display_stopped_ = false;
  bool done_ = false;
};

}  // namespace ts::host
