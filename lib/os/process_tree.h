// All processes of a session, however they were started: descendants of the session's host (which is a child
// subreaper, so what a double fork orphaned stays below it) and the members of its cgroups. Where the session
// has no cgroup, also whatever bears its mark in its environment, which a child process reads (mark_scan.h).
//
// Ending a session is its caller's loop: signal(), wait, look again, until nothing is left for sure; a
// process that forks while it is listed is found the next time. Nothing here waits for anybody's process.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "lib/os/cgroup.h"
#include "lib/os/mark_scan.h"

namespace ts::os {

class ProcessTree {
 public:
  /// `root`: descendants of this process are members, itself not. `cgroup`: all in it are members, and
  /// nothing else is put there. `marks`: variables ("NAME=value") all of which a member had at its start,
  /// wherever it is now; looked for only when there is no cgroup. Empty: not at all.
  ProcessTree(pid_t root, std::vector<std::string> marks, std::optional<Cgroup> cgroup)
      : root_(root), marks_(cgroup ? std::vector<std::string>() : std::move(marks)) {
    if (cgroup) cgroups_.push_back(*std::move(cgroup));
  }

  /// The members of one more group are members: of the one that logind gave the logon (Cgroup::of_logon).
  void add(Cgroup cgroup) { cgroups_.push_back(std::move(cgroup)); }

  struct Look {
    /// Living members (no zombies), without the caller and without the processes `except` and their
    /// descendants. What only its mark shows comes with a later look: a scan takes its time.
    std::vector<pid_t> left;
    /// None is left, and none can have escaped. An empty list alone proves little: a process may fork and end
    /// while the others are listed, over and over. But the topmost of the session's processes are children of
    /// `root`, orphans become so: if the caller is `root` and no child of its ended meanwhile, one that lived
    /// was listed. With marks: besides, a scan that was begun when no member was left has come back.
    bool nothing_left = false;
  };
  Look look(const std::vector<pid_t>& except = {});
  std::vector<pid_t> members(const std::vector<pid_t>& except = {}) { return look(except).left; }
  /// The members of the cgroups alone: quick, where members() looks at every process of the system.
  std::vector<pid_t> in_groups() const;
  /// Sends the signal to all members; returns how many there were.
  std::size_t signal(int number, const std::vector<pid_t>& except = {});

  /// The child that reads environments, while there is one: not a member, and to be excepted by other trees
  /// of the same root.
  std::optional<pid_t> scanner() const;

 private:
  /// In cgroups at once: processes that fork faster than they are listed do not get away.
  std::size_t kill_all(const std::vector<pid_t>& except);
  void kill_chains(const std::vector<pid_t>& except) const;
  void take_scan();
  void scan_when_due(bool nobody_seen);

  pid_t root_;
  std::vector<std::string> marks_;
  std::vector<Cgroup> cgroups_;
  std::optional<MarkScan> scan_;
  std::vector<MarkScan::Found> marked_;  // of the last scan
  bool scanned_ = false;                 // one was begun
  bool scan_due_ = true;                 // none was, or members were seen since
};

/// Has ended or is about to: from before others see its sockets close (proc(5), /proc/PID/stat: flags).
bool is_exiting(pid_t pid);

/// Is any process running under this uid (real, effective or saved)?
bool uid_in_use(uid_t uid);

}  // namespace ts::os
