// The wire between tsspawn (the only root daemon) and those who ask it: tssession for hosts, tsd for stacks,
// a supervisor for itself. SEQPACKET socket RUNTIME/tsspawn.sock; callers are known by SO_PEERCRED and may
// send only their own requests; anything else closes the connection. Requests are answered in order. Besides,
// what a host tells.
#pragma once

#include "lib/base/message.h"
#include "lib/session/types.h"

namespace ts::session {

/// tssession -> tsspawn: start the host of a session. Answered by SpawnReply, with error_number EEXIST when
/// that session's host runs already (tssession was restarted); later one HostEnded, to whoever is tssession
/// then.
struct StartHost {
  static constexpr MessageType kType = 0x101;
  MessageHeader header{kType};
  SessionId session_id = 0;
};

/// tssession -> tsspawn: end a host that no longer answers (it is told over its lifeline; killed after a
/// grace).
struct EndHost {
  static constexpr MessageType kType = 0x102;
  MessageHeader header{kType};
  SessionId session_id = 0;
};

/// tsd -> tsspawn: start a stack. Answered by SpawnReply, which carries the stack's control socket
/// (SEQPACKET).
struct StartStack {
  static constexpr MessageType kType = 0x103;
  MessageHeader header{kType};
};

/// A supervisor -> tsspawn, whose own was killed: root (or who runs tsspawn) takes it over with all sessions.
/// With one descriptor, on which it and what it starts print from now on. Answered by SpawnReply, which
/// carries the socket that it listens on.
struct TakeOver {
  static constexpr MessageType kType = 0x104;
  MessageHeader header{kType};
};

/// tsspawn -> caller. `error_number` is 0 when it worked, else an errno, and `message` says what failed.
struct SpawnReply {
  static constexpr MessageType kType = 0x181;
  MessageHeader header{kType};
  MessageType request = 0;  // kType of the request that is answered
  SessionId session_id = 0;
  std::int32_t pid = 0;
  std::int32_t error_number = 0;
  FixedText<256> message;
};

/// tsspawn -> tssession: a host is gone and every process of its session with it.
struct HostEnded {
  static constexpr MessageType kType = 0x182;
  MessageHeader header{kType};
  SessionId session_id = 0;
  std::int32_t wait_status = 0;  // as waitpid gives it
};

/// host -> tsspawn, over its lifeline, once: the number of its display, whose socket a host that is killed
/// cannot remove.
struct HostDisplay {
  static constexpr MessageType kType = 0x183;
  MessageHeader header{kType};
  std::int32_t number = -1;
};

}  // namespace ts::session
