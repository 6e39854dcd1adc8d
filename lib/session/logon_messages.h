// The logon socket: between a session's host (tshost) and its logon screen (tslogon). SEQPACKET socketpair,
// tslogon's end is descriptor 3. tslogon runs under the session's display uid and is not trusted by the host.
//
// Order: first the host sends display::OpenDisplay (lib/display/display_messages.h), without a descriptor.
// tslogon shows an empty form, then says LogonReady. When a client comes, the host sends LogonClient,
// then either LogonForm (somebody has to type) or LogonWorking (the client sent its credentials). tslogon
// sends Credentials (stack_messages.h) or LogonAnswer and shows that it is busy until the host's next
// message: LogonForm (refused; with why), LogonPrompt (the account's PAM modules ask or tell something),
// LogonChoice (the user has sessions to choose from; answered by LogonChosen), LogonDone (the desktop takes
// over). LogonCancel gives up whatever is going on: the host answers with LogonForm.
#pragma once

#include "lib/base/message.h"
#include "lib/session/types.h"

namespace ts::session {

/// What is to be said above the form. The logon screen has a sentence for each in the client's language.
enum class Notice : std::uint32_t {
  kNone = 0,
  kBadCredentials,  // unknown user or wrong password, deliberately not told apart
  kAccountLocked,
  kAccountExpired,
  kPasswordExpired,   // and could not be changed
  kNotAllowed,        // not in sessions.allow, or the account's own rules
  kTooManySessions,   // sessions.per_user
  kNoHome,            // the home folder is not there or not the user's
  kNoAccountService,  // PAM is not configured, or a module is missing
  kSessionFailed,     // the session could not be started; `detail` says why
  kDraining,          // new logons are off (tsctl drain)
  kSessionGone        // the session that was chosen has ended meanwhile
};

/// host -> tslogon: who sits in front of the screen now.
struct LogonClient {
  static constexpr MessageType kType = 0x501;
  MessageHeader header{kType};
  std::uint32_t keyboard_layout = 0;  // Windows' id, for the language of what is said
  std::uint32_t scale_percent = 0;    // the client's own scaling of a desktop, 0: it did not say
  FixedText<64> name;                 // the client's computer
};

/// host -> tslogon: show the form.
struct LogonForm {
  static constexpr MessageType kType = 0x502;
  MessageHeader header{kType};
  Notice notice = Notice::kNone;
  FixedText<256> user;  // to start with, or what was tried; then the password field has the focus
  FixedText<256> domain;
  FixedText<512> detail;  // free text that belongs to the notice: what a PAM module said; untrusted bytes
};

/// host -> tslogon: what a PAM module asks for or tells ([XSSO] pam_conv message styles).
struct LogonPrompt {
  static constexpr MessageType kType = 0x503;
  enum class Style : std::uint32_t { kHidden = 1, kVisible = 2, kError = 3, kInfo = 4 };
  MessageHeader header{kType};
  Style style =
      Style::kHidden;   // kError and kInfo: shown with a button to go on, answered with an empty LogonAnswer
  FixedText<512> text;  // untrusted bytes
};

/// host -> tslogon: credentials are being looked at.
struct LogonWorking {
  static constexpr MessageType kType = 0x504;
  MessageHeader header{kType};
  std::uint32_t seconds = 0;  // that it takes first, after too many wrong passwords
  FixedText<256> user;
};

/// host -> tslogon: the user's sessions, to choose from; none only where a new one may be started.
struct LogonChoice {
  static constexpr MessageType kType = 0x505;
  static constexpr std::size_t kMost = 16;
  struct Entry {
    SessionId id = 0;
    State state = State::kDisc;
    std::int64_t connect_time = 0;     // Unix seconds, of the client that is there now
    std::int64_t disconnect_time = 0;  // 0: somebody is connected to it
    std::uint16_t width = 0, height = 0;
    std::uint32_t reserved = 0;
    FixedText<64> client;  // the last one's name; untrusted bytes
    FixedText<128> program;
  };
  MessageHeader header{kType};
  std::uint32_t count = 0;
  std::uint32_t may_start_new = 0;
  Notice notice = Notice::kNone;  // why the last choice could not be had
  std::array<Entry, kMost> entries{};
};

/// host -> tslogon: the desktop takes over. The screen keeps its picture until the desktop's first window is
/// there (some seconds at most), so that nothing flickers, and ends.
struct LogonDone {
  static constexpr MessageType kType = 0x506;
  MessageHeader header{kType};
};

/// tslogon -> host: the answer to a LogonPrompt. Wiped by both sides after use.
struct LogonAnswer {
  static constexpr MessageType kType = 0x581;
  MessageHeader header{kType};
  FixedText<512> text;
};

/// tslogon -> host: the answer to LogonChoice: a session of that list, or a new one if it may be.
struct LogonChosen {
  static constexpr MessageType kType = 0x582;
  static constexpr SessionId kNewSession = 0xffffffff;
  MessageHeader header{kType};
  SessionId session = kNewSession;
};

/// tslogon -> host: give up what is going on; `disconnect` 1: and let the client go.
struct LogonCancel {
  static constexpr MessageType kType = 0x583;
  MessageHeader header{kType};
  std::uint32_t disconnect = 0;
};

/// tslogon -> host: the screen is drawn and takes input.
struct LogonReady {
  static constexpr MessageType kType = 0x584;
  MessageHeader header{kType};
};

}  // namespace ts::session
