// The wire between tshost and its tsuserinit: the one process that holds an account's PAM conversation and
// session and is the parent of the user's shell. SEQPACKET socketpair, tsuserinit's end is descriptor 3.
#pragma once

#include "lib/base/message.h"
#include "lib/session/limits.h"
#include "lib/session/logon_messages.h"
#include "lib/session/resources.h"
#include "lib/session/stack_messages.h"
#include "lib/session/types.h"

namespace ts::session {

/// tsuserinit -> tshost: the answer to a Credentials message that tshost handed on.
struct UserinitResult {
  static constexpr MessageType kType = 0x401;
  MessageHeader header{kType};
  LogonStatus status = LogonStatus::kFailed;
  std::uint32_t uid = kNoUid;
  std::uint32_t gid = kNoUid;
  Notice notice = Notice::kNone;  // why not, for the person in front
  FixedText<256> user;
  FixedText<256> message;  // for the log
  FixedText<512> detail;   // what the account's modules said; belongs to the notice
};

/// tsuserinit -> tshost, before a UserinitResult that says who has logged on: what this account may use.
struct UserinitLimits {
  static constexpr MessageType kType = 0x405;
  MessageHeader header{kType};
  Limits limits;
  std::uint32_t per_user = 0;  // sessions of this account; 0: any number
  Resources resources;
};

/// tsuserinit -> tshost: a PAM module asks or tells something; tsuserinit waits for the UserinitAnswer.
struct UserinitPrompt {
  static constexpr MessageType kType = 0x404;
  MessageHeader header{kType};
  LogonPrompt::Style style = LogonPrompt::Style::kHidden;
  FixedText<512> text;
};

/// tshost -> tsuserinit: what was answered. Wiped by both sides after use.
struct UserinitAnswer {
  static constexpr MessageType kType = 0x483;
  MessageHeader header{kType};
  FixedText<512> text;
};

/// tshost -> tsuserinit, first of all: whom the Credentials message that follows comes from.
struct UserinitClient {
  static constexpr MessageType kType = 0x482;
  MessageHeader header{kType};
  SessionId session_id = 0;
  FixedText<64> address;  // host:port, as PAM's remote host; empty: local
};

/// tshost -> tsuserinit, after UserinitClient and instead of credentials: may this account log on now? Its
/// user is to come back without being asked for a password. Answered by UserinitResult, whose notice is
/// nobody's to read.
struct UserinitCheck {
  static constexpr MessageType kType = 0x485;
  MessageHeader header{kType};
  FixedText<256> user;
};

/// tshost -> tsuserinit: open the account's session and start the shell with this display.
struct UserinitStart {
  static constexpr MessageType kType = 0x481;
  MessageHeader header{kType};
  SessionId session_id = 0;
  std::int32_t display = 0;
  std::array<std::byte, 16> cookie{};  // MIT-MAGIC-COOKIE-1, for the user's XAUTHORITY file
  FixedText<512> program;              // empty: the configured shell or the desktop
  FixedText<512> folder;               // empty: the home folder
};

/// tshost -> tsuserinit, with one descriptor: start tsmessage (lib/session/message_box.h) in the account's
/// session, with this as its socket. That it could not is heard of when the socket closes.
struct UserinitMessages {
  static constexpr MessageType kType = 0x484;
  MessageHeader header{kType};
};

/// tsuserinit -> tshost: the shell runs (error_number 0) or could not be started.
struct UserinitStarted {
  static constexpr MessageType kType = 0x402;
  MessageHeader header{kType};
  std::int32_t pid = 0;
  std::int32_t error_number = 0;
  Notice notice = Notice::kSessionFailed;  // what the person is told
  FixedText<256> message;
};

/// tsuserinit -> tshost: the shell ended by itself; the account's session is closed when tsuserinit exits.
struct UserinitShellEnded {
  static constexpr MessageType kType = 0x403;
  MessageHeader header{kType};
  std::int32_t wait_status = 0;
};

}  // namespace ts::session
