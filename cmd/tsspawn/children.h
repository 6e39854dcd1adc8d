// The processes that tsspawn has started: hosts of sessions and stacks. It is their parent and, as child
// subreaper, that of whatever a killed host left behind, which is ended here too.
#pragma once

#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lib/config/config.h"
#include "lib/net/loop.h"
#include "lib/os/cgroup.h"
#include "lib/os/process_tree.h"
#include "lib/os/spawn.h"
#include "lib/session/types.h"

namespace ts::spawn {

class Children {
 public:
  struct Settings {
    config::Config config;
    std::vector<std::string> forwarded;          // common options for hosts
    std::optional<os::Identity> stack_identity;  // empty: without root, the caller's
  };
  struct Handlers {
    /// A host is gone and every process of its session with it.
    std::function<void(session::SessionId, int wait_status)> on_host_ended;
    std::function<void()> on_empty;  // the last child is gone
  };

  Children(net::Loop& loop, Settings settings, Handlers handlers);

  [[nodiscard]] Result<pid_t> start_host(session::SessionId id);
  /// Lets go of its lifeline; KILL after a grace. False: there is no such host.
  bool end_host(session::SessionId id);
  struct Stack {
    pid_t pid = -1;
    UniqueFd control;  // for tsd
  };
  [[nodiscard]] Result<Stack> start_stack();

  /// Lets go of all hosts; what is left after the grace is killed. on_empty follows.
  void end_all();
  bool empty() const { return hosts_.empty() && stacks_.empty(); }

 private:
  struct Host {
    session::SessionId id = 0;
    pid_t pid = -1;        // -1: it is gone, its session is being cleared
    pid_t first_pid = -1;  // what it was
    int wait_status = 0;
    std::optional<os::ProcessTree> orphans;  // once it is gone
    std::optional<os::Cgroup> cgroup;
    bool orphans_told = false;
    int display = -1;  // its display server's number, as far as it told
    std::string key;
    UniqueFd lifeline;
    std::optional<net::TimePoint> kill_at;  // of the host; then of what it left behind
  };
  void reap();
  void on_exit(pid_t pid, int wait_status);
  void tick();
  /// Ends what a host that is gone has left; true when nothing is.
  bool clear(Host& host);
  /// What it still tells over the lifeline is read before we let go of that.
  static void let_go(Host& host);
  void log_end(const Host& host) const;
  /// Our children that are not orphans: hosts, stacks, and those that look for orphans' marks.
  std::vector<pid_t> living() const;

  Settings settings_;
  Handlers handlers_;
  std::list<Host> hosts_;
  std::vector<pid_t> stacks_;
  UniqueFd empty_network_;  // where stacks are; none without root
  bool ending_ = false;
  std::optional<net::TimePoint> kill_stacks_at_;
  net::Timer tick_;
  net::SignalWatcher on_child_;
};

}  // namespace ts::spawn
