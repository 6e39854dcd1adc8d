// Starting a process with exactly the descriptors, identity and environment it is to have. fork + exec; the
// child does only async-signal-safe work in between. Order in the child: room, network, descriptors,
// session/group, rlimits, own /tmp, root, groups, gid, uid, ambient capabilities, no_new_privs, signal mask
// and dispositions, exec.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "lib/base/result.h"
#include "lib/base/unique_fd.h"

namespace ts::os {

struct Identity {
  uid_t uid = 0;
  gid_t gid = 0;
  std::vector<gid_t> groups;  // supplementary
};

struct Spawn {
  std::filesystem::path program;         // absolute
  std::vector<std::string> arguments;    // without argv[0], which is the program's name
  std::vector<std::string> environment;  // "NAME=value", whole: nothing is inherited
  std::vector<std::pair<int, int>>
      fds;  // {ours (borrowed), number in the child}; 0 is /dev/null unless named; 1, 2 inherited
  std::optional<Identity> identity;      // empty: stay who we are
  std::filesystem::path working_folder;  // empty: "/"
  bool own_tmp = false;        // as root: an empty /tmp that only it and its children see, in memory
  int network = -1;            // as root: a network namespace (borrowed descriptor) to be in; -1: ours
  int room = -1;               // as root: a room (borrowed Room::handle()) to be in; -1: ours
  std::filesystem::path root;  // chroot here first (as root only); empty: none
  std::vector<int> ambient_capabilities;  // CAP_* kept across the change of uid, and nothing else
  bool new_session = true;                // setsid
  bool no_new_privs = false;
  bool die_with_parent = false;  // PR_SET_PDEATHSIG
  int parent_death_signal = 9;   // SIGKILL; SIGTERM for what has files to remove
  bool systemd_listen = false;   // set LISTEN_PID to the child's own pid (with LISTEN_FDS in environment)
};

/// Returns the child's pid once exec has succeeded; what failed before or at exec is reported with its errno.
Result<pid_t> spawn(const Spawn& what);

}  // namespace ts::os
