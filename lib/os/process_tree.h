// All processes of a session, however they were started: descendants of the session's host (which is a child
// subreaper, so what a double fork orphaned stays below it), whatever carries the session's mark in its
// environment, and the members of its cgroups.
//
// Ending a session is its caller's loop: signal(), wait, look again, until none is left; a process that forks
// while it is listed is found the next time.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "lib/os/cgroup.h"

namespace ts::os {

class ProcessTree {
 public:
  /// `root`: descendants of this process are members, itself not. `marks`: variables ("NAME=value") all of
  /// which a member had at its start, wherever it is now; empty: not looked at. `cgroup`: all in it are
  /// members, and nothing else is put there.
  ProcessTree(pid_t root, std::vector<std::string> marks, std::optional<Cgroup> cgroup)
      : root_(root), marks_(std::move(marks)) {
    if (cgroup) cgroups_.push_back(*std::move(cgroup));
  }

  /// The members of one more group are members: of the one that logind gave the logon (Cgroup::of_logon).
  void add(Cgroup cgroup) { cgroups_.push_back(std::move(cgroup)); }

  /// Living members (no zombies), without the caller and without the processes `except` and their
  /// descendants.
  std::vector<pid_t> members(const std::vector<pid_t>& except = {}) const;
  /// Sends the signal to all members; returns how many there were.
  std::size_t signal(int number, const std::vector<pid_t>& except = {}) const;

 private:
  /// In cgroups at once: processes that fork faster than they are listed do not get away.
  std::size_t kill_all(const std::vector<pid_t>& except) const;

  pid_t root_;
  std::vector<std::string> marks_;
  std::vector<Cgroup> cgroups_;
};

/// A process's environment holds these whole variables ("NAME=value").
bool environment_has(pid_t pid, const std::vector<std::string>& variables);

/// Has ended or is about to: from before others see its sockets close (proc(5), /proc/PID/stat: flags).
bool is_exiting(pid_t pid);

/// Is any process running under this uid (real, effective or saved)?
bool uid_in_use(uid_t uid);

}  // namespace ts::os
