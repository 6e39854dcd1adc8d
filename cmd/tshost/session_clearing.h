// After a logon that left nothing on the session's screen: waits until no process of it is left, so that the
// session can be somebody else's. Ends nothing itself: what does not go by itself in time is left, and then
// the session is not given to anybody.
#pragma once

#include <functional>
#include <vector>

#include "lib/net/loop.h"
#include "lib/os/process_tree.h"

namespace ts::host {

class SessionClearing {
 public:
  struct Handlers {
    /// The display server, tsdisplay and the logon screen: what every waiting session has.
    std::function<std::vector<pid_t>()> own_pids;
    std::function<void(bool clean)> on_done;
  };

  SessionClearing(net::Loop& loop, os::ProcessTree& tree, Handlers handlers);

  void start();
  void stop() { tick_.stop(); }

 private:
  void look();

  os::ProcessTree& tree_;
  Handlers handlers_;
  net::TimePoint give_up_at_;
  net::Timer tick_;
};

}  // namespace ts::host
