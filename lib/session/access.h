// Who may see and steer which session, and what query session calls it. Pure.
#pragma once

#include <cstdint>
#include <string>

#include "lib/session/session_table.h"
#include "lib/session/types.h"

namespace ts::session {

struct Caller {
  std::uint32_t uid = kNoUid;
  bool administrator = false;  // root, the account the daemon runs as, members of group tsadmin
};

bool may_see(const Record& record, const Caller& caller);

/// The answer to a request about one session.
enum class Verdict {
  kAllowed,
  kNoSuchSession,
  kNotPermitted,  // somebody else's
  kNotConnected,
  kNotLoggedOn
};
/// To ask about what is in a session.
Verdict may_look(const SessionTable& table, SessionId id, const Caller& caller);
Verdict may_disconnect(const SessionTable& table, SessionId id, const Caller& caller);
/// Administrators may also end connections that have not logged on yet, but not what waits idle, nor the
/// console without a user.
Verdict may_log_off(const SessionTable& table, SessionId id, const Caller& caller);
/// What needs the right alone, whatever the session's state: reset it, signal its processes.
Verdict may_reach(const SessionTable& table, SessionId id, const Caller& caller);

/// May a client be given this session to show: somebody is logged on to it.
Verdict may_show(const SessionTable& table, SessionId id, const Caller& caller);
/// May the client of this session, whose user is logged on, be given another one to show.
Verdict may_move(const SessionTable& table, SessionId id, const Caller& caller);

/// Why the session or its connection ends when this caller asks for it.
EndReason disconnect_reason(const Record& record, const Caller& caller);
EndReason logoff_reason(const Record& record, const Caller& caller);

/// "console", "rdp-tcp#7" while a client is connected, else empty.
std::string session_name(const Record& record);
/// What kind of connection serves it: "console", "rdpwd" while a client is connected, else empty.
std::string session_type(const Record& record);

}  // namespace ts::session
