// What a session is, in the words of query session (qwinsta). Pure data.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace ts::session {

using TimePoint = std::chrono::steady_clock::time_point;
using SessionId = std::uint32_t;
inline constexpr SessionId kConsoleSession = 0;
inline constexpr SessionId kListenerSession = 65536;  // the id under which qwinsta lists the RDP listener
inline constexpr std::uint32_t kNoUid = 0xffffffff;

/// 128 random bits that name one connection; made by tsd, good once.
using ConnectionId = std::array<std::uint8_t, 16>;

/// States as query session prints them (WTS_CONNECTSTATE_CLASS).
enum class State : std::uint32_t {
  kInit,    // the display server is starting
  kIdle,    // waits for a connection
  kConn,    // a connection is here, nobody has logged on yet (the console without a user, too)
  kActive,  // logged on and connected
  kDisc,    // logged on, nobody connected
  kListen,  // the listener's row
  kDown     // ending
};
std::string_view state_name(State state);  // "Init" "Idle" "Conn" "Active" "Disc" "Listen" "Down"

/// Why a connection ends, as told to the client: codes of [MS-RDPBCGR] 2.2.5.1.1 (Set Error Info PDU) in the
/// lower half; the upper half tells apart what has the same code.
enum class EndReason : std::uint32_t {
  kNone = 0,
  kDisconnectedByAdmin = 0x1,
  kLoggedOffByAdmin = 0x2,
  kIdleTimeout = 0x3,
  kLogonTimeout = 0x4,
  kReplaced = 0x5,
  kOutOfMemory = 0x6,
  kServerDenied = 0x7,            // no free session, limits
  kInsufficientPrivileges = 0x9,  // the account may not log on here
  kFreshCredentials = 0xA,        // wrong or missing credentials
  kDisconnectedByUser = 0xB,
  kLoggedOffByUser = 0xC,
  kServerShutdown = 0x19,
  kDisconnectedTooLong = 0x10003,
  kActiveTooLong = 0x10004
};
constexpr std::uint32_t error_info_code(EndReason reason) {
  return static_cast<std::uint32_t>(reason) & 0xffff;
}
std::string_view end_reason_text(EndReason reason);

/// Of a session's processes; made by its host, looked up by the host's parent. All users can list the names
/// of cgroups: what marks a session's processes is not in it.
std::string cgroup_name(SessionId id, std::int32_t host_pid);

}  // namespace ts::session
