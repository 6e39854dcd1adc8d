// The inside of room.h: process 1 of a session's room, a fork of the process that opened it. Makes the room's
// mounts, says how that went, and then only waits. Nothing here allocates or takes a lock.
#pragma once

#include <sys/types.h>

#include <cstdint>

namespace ts::os {

/// What could not be done; kDone: the room is ready.
enum class RoomStep : std::int32_t {
  kUnknown = -1,
  kMounts,
  kFindSocket,
  kTmp,
  kSocket,
  kShm,
  kTerminals,
  kRuntime,
  kProc,
  kDone
};

struct RoomReport {
  RoomStep step = RoomStep::kUnknown;
  std::int32_t error_number = 0;
};

struct KeeperPlan {
  const char* x_socket = nullptr;
  const char* runtime = nullptr;   // the user's runtime folder
  const char* folder = nullptr;    // name in it
  const char* uid_text = nullptr;  // of the user, as mount options
  const char* gid_text = nullptr;
  uid_t uid = 0;
  const char* terminals = nullptr;  // options of devpts
  int host = -1;                    // pidfd
  int report = -1;                  // pipe
};

/// In the child, with all signals blocked.
[[noreturn]] void keep_room(const KeeperPlan& plan);

}  // namespace ts::os
