// The wire between a session's host (tshost) and the session manager (tssession).
// SEQPACKET socket RUNTIME/hosts.sock; the host connects, and again whenever tssession was restarted.
//
// INVARIANT: the host is the truth. Each change of its session is told as one whole HostState, first of all
// after connecting; tssession keeps copies and can be restarted at any time without anybody's loss.
#pragma once

#include "lib/base/message.h"
#include "lib/session/logon_messages.h"
#include "lib/session/reconnect_cookie.h"
#include "lib/session/resources.h"
#include "lib/session/types.h"

namespace ts::session {

/// Raised with what a host does; what it says stays understood (lib/base/message.h).
inline constexpr std::uint32_t kHostProtocolVersion = 6;
/// Of hosts whose sessions go on under this tssession.
inline constexpr std::uint32_t kOldestHostProtocolVersion = 6;

/// Who sits in front of the session: what the stack said in ts.Logon.Connect.
struct ClientInfo {
  FixedText<64> name;       // the client's computer name
  FixedText<64> address;    // host:port
  std::uint16_t width = 0;  // pixels
  std::uint16_t height = 0;
  std::uint16_t depth = 0;            // bits per pixel
  std::uint16_t scale_percent = 0;    // the client's own scaling of a desktop, 0: it did not say
  std::uint32_t keyboard_layout = 0;  // Windows' id
};

/// host -> tssession: all there is to know, whole, at every change.
struct HostState {
  static constexpr MessageType kType = 0x201;
  MessageHeader header{kType};
  std::uint32_t version = kHostProtocolVersion;
  SessionId session_id = 0;
  State state = State::kInit;
  std::int32_t pid = 0;
  std::int32_t display = -1;   // X display number, -1 while it starts
  std::uint32_t uid = kNoUid;  // of the logged-on user
  FixedText<256> user;         // empty until logged on
  FixedText<256> domain;
  FixedText<256> program;            // initial program in single-application mode, else empty
  std::int64_t logon_time = 0;       // Unix seconds, 0: never
  std::int64_t connect_time = 0;     // of the attached client
  std::int64_t disconnect_time = 0;  // of the last client's going
  std::uint32_t attached = 0;        // 1: a stack is attached and `client` and `connection` are its
  std::uint32_t automatic = 0;       // 1: that client came back by itself, with the session's cookie
  std::uint32_t touched = 0;  // 1: the attached client has used a key or the mouse, at the logon screen
  std::uint32_t logon = 0;    // how the last attempt to log on went: 0 none yet, else 1 + LogonStatus
  std::uint32_t logons = 0;   // how many have gone some way so far
  EndReason end_reason = EndReason::kNone;  // why the last client went, or the session ends; none: by itself
  ConnectionId connection{};
  ClientInfo client;
  ClientInfo last_client;  // that has gone at disconnect_time
  Resources resources;     // that the logged-on user may use
};

/// host -> tssession: somebody wants to try a password. Answered by PermitAttempt; Authenticated says that it
/// was right.
struct LogonAttempt {
  static constexpr MessageType kType = 0x203;
  MessageHeader header{kType};
  SessionId session_id = 0;
  ConnectionId connection{};
  FixedText<256> user;    // as it was typed
  FixedText<64> address;  // host:port of the client
};

/// host -> tssession: StartShell was not possible; the person is back at the logon screen.
struct ShellFailed {
  static constexpr MessageType kType = 0x204;
  MessageHeader header{kType};
  SessionId session_id = 0;
  ConnectionId connection{};
};

/// host -> tssession: the credentials were good; the shell waits for StartShell (or the stack goes
/// elsewhere).
struct Authenticated {
  static constexpr MessageType kType = 0x202;
  static constexpr std::uint32_t kNotSaid = 0xffffffff;
  MessageHeader header{kType};
  SessionId session_id = 0;
  std::uint32_t uid = kNoUid;
  ConnectionId connection{};
  std::uint32_t per_user = kNotSaid;  // sessions that this account may have; 0: any number
  FixedText<256> user;                // the account's own spelling
  FixedText<256> domain;
};

/// host -> tssession: the answer to OfferSessions. The person chose from what they were shown, which may not
/// be so any more.
struct SessionChosen {
  static constexpr MessageType kType = 0x207;
  MessageHeader header{kType};
  SessionId session_id = 0;
  std::uint32_t uid = kNoUid;  // who was authenticated
  ConnectionId connection{};
  SessionId chosen = LogonChosen::kNewSession;
};

/// host -> tssession: the answer to VerifyReconnect.
struct ReconnectVerified {
  static constexpr MessageType kType = 0x20c;
  MessageHeader header{kType};
  SessionId session_id = 0;
  std::uint32_t good = 0;  // 1: let it in, with AttachStack
  ConnectionId connection{};
  FixedText<256> message;  // why not, for the log
};

/// host -> tssession: somebody was not let in, for the event log.
struct LogonFailed {
  static constexpr MessageType kType = 0x2a0;
  MessageHeader header{kType};
  SessionId session_id = 0;
  FixedText<256> user;  // as the client sent it
  FixedText<256> domain;
  FixedText<256> message;
};

/// tssession -> host, with one descriptor: the host's end of a session socket (lib/session/stack_messages.h)
/// whose other end the stack got. A stack that is attached already is told kReplaced and let go.
struct AttachStack {
  static constexpr MessageType kType = 0x281;
  MessageHeader header{kType};
  std::uint32_t logged_on =
      0;                   // 1: this connection's user was authenticated elsewhere as this session's user
  std::int32_t stack = 0;  // the stack's process, as the kernel told tssession; 0: not known
  std::uint32_t automatic = 0;  // 1: by the session's cookie, which the host has said is good
  ConnectionId connection{};
  ClientInfo client;
};

/// tssession -> host: may the client of this connection come back to the session by itself? The proof is good
/// for this connection only (lib/session/reconnect_cookie.h). Answered by ReconnectVerified, which may take
/// as long as the account's modules do.
struct VerifyReconnect {
  static constexpr MessageType kType = 0x290;
  MessageHeader header{kType};
  ConnectionId connection{};
  ReconnectProof proof{};
  FixedText<64> address;  // host:port of the client
};

/// tssession -> host: answer to LogonAttempt.
struct PermitAttempt {
  static constexpr MessageType kType = 0x285;
  MessageHeader header{kType};
  std::uint32_t delay_milliseconds = 0;
  ConnectionId connection{};
};

/// tssession -> host: answer to Authenticated or SessionChosen: start the user's shell in this session.
struct StartShell {
  static constexpr MessageType kType = 0x282;
  MessageHeader header{kType};
  ConnectionId connection{};
};

/// tssession -> host: tell the attached stack why and let it go; the session stays if somebody is logged on.
struct DetachStack {
  static constexpr MessageType kType = 0x283;
  MessageHeader header{kType};
  EndReason reason = EndReason::kNone;
};

/// tssession -> host: the stack of this connection has just been handed the socket of another session, which
/// somebody with the right to both wants its client to see: it is let go without a word and lives on, where
/// any other stack that leaves a desktop is killed. A session that nobody is logged on to ends, or waits for
/// the next connection if its display was shown to nobody. Without effect for a connection that is not, and
/// was not a moment ago, this session's. May come after the stack has closed its socket here.
struct StackMoved {
  static constexpr MessageType kType = 0x289;
  MessageHeader header{kType};
  ConnectionId connection{};
};

/// tssession -> host: answer to Authenticated or SessionChosen: no shell now; the person is told and is back
/// at the form.
struct DenyShell {
  static constexpr MessageType kType = 0x28a;
  MessageHeader header{kType};
  Notice notice = Notice::kNone;
  ConnectionId connection{};
  FixedText<256> message;  // for the log
};

/// tssession -> host: answer to Authenticated or SessionChosen: the person is to choose; answered by
/// SessionChosen.
struct OfferSessions {
  static constexpr MessageType kType = 0x28b;
  MessageHeader header{kType};
  ConnectionId connection{};
  LogonChoice choice;
};

/// tssession -> host: end every process of the session, TERM then KILL, tell the client `reason`, and exit.
struct EndSession {
  static constexpr MessageType kType = 0x284;
  MessageHeader header{kType};
  EndReason reason = EndReason::kNone;
};

/// tssession -> host: end the session as EndSession does, but KILL everything at once.
struct ResetSession {
  static constexpr MessageType kType = 0x287;
  MessageHeader header{kType};
  EndReason reason = EndReason::kNone;
};

/// tssession -> host: send a signal to processes of the session, to none that is not; answered by
/// ProcessesSignalled.
struct SignalProcesses {
  static constexpr MessageType kType = 0x288;
  MessageHeader header{kType};
  std::uint32_t request = 0;   // repeated in the answer
  std::int32_t signal = 0;     // 1 or more
  std::int32_t pid = 0;        // 0: all that are called `name`
  std::uint32_t uid = kNoUid;  // with the rights of this account; kNoUid: with the host's
  FixedText<256> name;
};

/// host -> tssession: the answer to SignalProcesses.
struct ProcessesSignalled {
  static constexpr MessageType kType = 0x206;
  MessageHeader header{kType};
  std::uint32_t request = 0;
  std::uint32_t found = 0;        // processes of the session that were meant
  std::uint32_t signalled = 0;    // of these, those that got it
  std::int32_t error_number = 0;  // why one did not; 0: all did
};

}  // namespace ts::session
