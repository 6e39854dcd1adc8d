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

/// Set for its roles by a supervisor that stops all of them when one asks for it; systemd does not.
inline constexpr const char* kStopsVariable = "TS_SUPERVISOR_STOPS";
inline constexpr const char* kStopMessage = "X_TS_STOP=1";
bool supervisor_stops();
/// Asks for it.
void notify_stop();

}  // namespace ts::os
