// A session's own room: a PID and a mount namespace in which its processes see themselves and no other
// session's: /proc, /tmp, /dev/shm, /dev/pts and the user's runtime folder are the room's own, in memory, and
// of the X servers' sockets only its own is there. The rest of the system is as everywhere (what is mounted
// later, too), the network and the IPC namespace are the caller's. For programs of the session, not a cage
// against an administrator: whoever is root in a room is root.
//
// Its process 1, the keeper, is made here. It takes in orphans, and when it ends, so does whatever lives in
// the room: at once when the host of the session ends, however that ends; otherwise when nothing else is left
// in the room after a SIGTERM, which it also gets at the end of the process that opened the room.
#pragma once

#include <sys/types.h>

#include <filesystem>

#include "lib/base/result.h"
#include "lib/base/unique_fd.h"

namespace ts::os {

class Room {
 public:
  struct Plan {
    int display = 0;                // whose socket in /tmp/.X11-unix is in the room
    std::filesystem::path runtime;  // a folder that is the user's alone; in the room it is an empty one ...
    std::filesystem::path folder;   // ... but for this folder in it
    uid_t uid = 0;                  // the user
    gid_t gid = 0;
    pid_t host = 0;  // the room ends with this process
  };

  /// As root. Blocks for the moment that the keeper takes. What cannot be made is said, with what to set.
  [[nodiscard]] static Result<Room> open(const Plan& plan);

  /// For Spawn::room.
  int handle() const { return handle_.get(); }
  /// A child of the caller's.
  pid_t keeper() const { return keeper_; }

 private:
  Room(pid_t keeper, UniqueFd handle) : keeper_(keeper), handle_(std::move(handle)) {}
  pid_t keeper_;
  UniqueFd handle_;
};

}  // namespace ts::os
