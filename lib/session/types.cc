#include "lib/session/types.h"

#include <fmt/format.h>

namespace ts::session {

std::string_view state_name(State state) {
  switch (state) {
    case State::kInit:
      return "Init";
    case State::kIdle:
      return "Idle";
    case State::kConn:
      return "Conn";
    case State::kActive:
      return "Active";
    case State::kDisc:
      return "Disc";
    case State::kListen:
      return "Listen";
    case State::kDown:
      break;
  }
  return "Down";
}

std::string_view end_reason_text(EndReason reason) {
  switch (reason) {
    case EndReason::kNone:
      return "no reason given";
    case EndReason::kDisconnectedByAdmin:
      return "disconnected by an administrator";
    case EndReason::kLoggedOffByAdmin:
      return "logged off by an administrator";
    case EndReason::kIdleTimeout:
      return "idle for too long";
    case EndReason::kLogonTimeout:
      return "not logged on within the time allowed";
    case EndReason::kReplaced:
      return "replaced by another connection";
    case EndReason::kOutOfMemory:
      return "out of memory";
    case EndReason::kServerDenied:
      return "refused by the server";
    case EndReason::kInsufficientPrivileges:
      return "the account may not log on here";
    case EndReason::kFreshCredentials:
      return "wrong or missing credentials";
    case EndReason::kDisconnectedByUser:
      return "disconnected by the user";
    case EndReason::kLoggedOffByUser:
      return "logged off by the user";
    case EndReason::kServerShutdown:
      return "the server is being shut down";
    case EndReason::kDisconnectedTooLong:
      return "disconnected for too long";
    case EndReason::kActiveTooLong:
      return "connected for too long";
  }
  return "unknown reason";
}

std::string cgroup_name(SessionId id, std::int32_t host_pid) {
  return fmt::format("session-{}-{}", id, host_pid);
}

}  // namespace ts::session
