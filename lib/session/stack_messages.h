// The session socket: between a stack (tsstack) and the host of the session it is mapped to (tshost).
// SEQPACKET socketpair made by tssession, which gives one end to each. The stack is not trusted by the host,
// nor the host's user by the stack.
//
// Order: the stack sends Credentials once (unless it came logged on); the host sends Display as soon as the
// display server is up and there is something to see for whoever sent them, answers LogonResult for each
// attempt of the person in front, sends Display again with a fresh display socket whenever tsdisplay was
// restarted, and End before it lets go. Either side's closing ends the attachment.
#pragma once

#include "lib/base/message.h"
#include "lib/session/types.h"

namespace ts::session {

/// host -> stack, with two descriptors: the display socket (lib/display/display_messages.h) and the
/// framebuffer (read-only file to map; its length is the only bound to trust).
struct Display {
  static constexpr MessageType kType = 0x301;
  MessageHeader header{kType};
  SessionId session_id = 0;
};

/// stack -> host: what the client sent; without a password the logon screen asks. Wiped by both sides after
/// use.
struct Credentials {
  static constexpr MessageType kType = 0x302;
  MessageHeader header{kType};
  FixedText<256> user;
  FixedText<256> domain;
  FixedText<512> password;
  FixedText<512> program;  // alternate shell the client asks for (single-application mode), or empty
  FixedText<512> folder;   // working folder for it
};

enum class LogonStatus : std::uint32_t {
  kLoggedOn = 0,        // the session is this user's now (also sent at once to a stack that came logged on)
  kBadCredentials = 1,  // unknown user or wrong password, deliberately not told apart
  kAccountRefused = 2,  // expired, locked, not allowed here; `message` says which
  kFailed = 3           // our fault: the session could not be started
};

/// host -> stack. After anything but kLoggedOn the logon screen asks again, or an End follows.
struct LogonResult {
  static constexpr MessageType kType = 0x303;
  MessageHeader header{kType};
  LogonStatus status = LogonStatus::kFailed;
  SessionId session_id = 0;
  FixedText<256> user;
  FixedText<256> domain;
  FixedText<256> message;
};

/// host -> stack, after a LogonResult with kLoggedOn and whenever there is a new one: what the client may
/// come back with should it lose its connection (lib/session/reconnect_cookie.h). Only ever the attached
/// session's own. Wiped by both sides after use.
struct ReconnectTicket {
  static constexpr MessageType kType = 0x305;
  MessageHeader header{kType};
  SessionId session_id = 0;
  std::array<std::byte, 16> bits{};
};

/// host -> stack: end the connection and tell the client why.
struct End {
  static constexpr MessageType kType = 0x304;
  MessageHeader header{kType};
  EndReason reason = EndReason::kNone;
};

}  // namespace ts::session
