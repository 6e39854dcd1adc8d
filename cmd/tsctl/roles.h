// The daemons that `tsctl up` runs, as a table: under which user each runs, which of the sockets it is
// handed, in which order they start (they end in reverse).
#pragma once

#include <array>
#include <string_view>

namespace ts::tsctl {

struct Role {
  std::string_view program;
  std::string_view user;                    // as root; empty: stays root
  std::array<std::string_view, 2> sockets;  // names of the listening sockets that it serves
  bool ends_sessions = false;               // its end waits for every session's
};

inline constexpr std::array<Role, 3> kRoles{{
    {"tsspawn", "", {"tsspawn"}, true},
    {"tssession", "tssession", {"tssession", "hosts"}},
    {"tsd", "tsd", {"rdp"}},
}};

/// System users that processes change to: the roles' own, and the one that stacks run as.
inline constexpr std::array<std::string_view, 3> kSystemUsers{"tsd", "tssession", "tsstack"};
inline constexpr std::string_view kAdminGroup = "tsadmin";
/// Under which name `tsctl up` itself writes events.
inline constexpr const char* kSupervisorLog = "tsctl";

}  // namespace ts::tsctl
