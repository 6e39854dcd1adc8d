// What a supervisor (tsctl up or systemd) and a daemon say to each other: sockets handed over at the start
// (LISTEN_FDS, LISTEN_FDNAMES: sd_listen_fds(3)) and readiness (NOTIFY_SOCKET: sd_notify(3)).
#pragma once

#include <string>
#include <vector>

#include "lib/base/result.h"
#include "lib/base/unique_fd.h"

namespace ts::os {

struct ListenFd {
  std::string name;  // LISTEN_FDNAMES: "rdp", "tssession", "hosts", "tsspawn"; "unknown" if unnamed
  UniqueFd fd;
};

/// Takes the sockets handed to this very process (LISTEN_PID), once; removes the variables from the
/// environment.
std::vector<ListenFd> take_listen_fds();

/// Tells the supervisor that this daemon serves ("READY=1"); does nothing without NOTIFY_SOCKET.
void notify_ready();

}  // namespace ts::os
