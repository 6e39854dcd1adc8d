// A cgroup per session, so that everything it started is found and killed at once. Only cgroup2, wherever it
// is mounted (/sys/fs/cgroup or /sys/fs/cgroup/unified), and no controllers needed. Where there is none, or
// it may not be written, there is simply no group: process_tree.h works without. Limits (memory.max and the
// like, Linux' Documentation/admin-guide/cgroup-v2.rst) need controllers, which have to be handed on from
// above.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "lib/base/result.h"

namespace ts::os {

class Cgroup {
 public:
  /// Makes ts/`name` below our own group, or below the mount's root; nullopt when that is not possible.
  static std::optional<Cgroup> create(const std::string& name);
  /// Where create() of the same name by this or another process (of the same group) made it, if it exists.
  static std::optional<Cgroup> find(const std::string& name);

  /// Hands these controllers ("memory") on to the groups that create() makes, from now on and in all
  /// processes; returns those that this system does not give us. For the parent of all sessions, at its
  /// start: where it is in a group that no other process is in, it moves to one inside, since a group with
  /// processes hands nothing on.
  static std::vector<std::string> hand_on(const std::vector<std::string>& controllers);

  /// The group that logind gave the logon of this process (session-N.scope), which is where pam_systemd moves
  /// it; nullopt without logind, and when `host`, of whose session it is, is in that group itself, started
  /// from somebody's logon. 0: we are the host.
  static std::optional<Cgroup> of_logon(pid_t pid, pid_t host = 0);

  /// Moves a process in; its later children follow.
  [[nodiscard]] Result<> add(pid_t pid) const;
  /// Writes one of its files ("memory.max"). False: there is no such file, or the value is not taken.
  bool set(const std::string& file, const std::string& value) const;
  /// Without the line's end; empty: there is no such file.
  std::string get(const std::string& file) const;
  std::vector<pid_t> processes() const;
  /// A group inside this one, made if it is not there.
  std::optional<Cgroup> inner(const std::string& name) const;
  /// SIGKILL to all at once, with what those in the middle of a fork still make (cgroup.kill, Linux 5.14);
  /// false where the kernel has no such file.
  bool kill() const;
  /// Removes the folder, with those the session made below it; works only when no process is left.
  void remove() const;
  const std::filesystem::path& folder() const { return folder_; }

 private:
  explicit Cgroup(std::filesystem::path folder) : folder_(std::move(folder)) {}
  std::filesystem::path folder_;
};

/// The group that this process is in, and where its kind is mounted; nullopt without cgroup2.
struct OwnGroup {
  std::filesystem::path folder, mount;
};
std::optional<OwnGroup> own_group();

}  // namespace ts::os
