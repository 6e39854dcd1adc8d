// Messages to the people in front of sessions, each a box with buttons: what goes between tssession and a
// session's host (a part of the wire of host_messages.h, on the same socket), and between the host and the
// session's tsmessage, whose end of a SEQPACKET socketpair is descriptor 3. tsmessage runs as the session's
// user and is not believed: it can answer with a button that the box has, and nothing else.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "lib/base/message.h"
#include "lib/session/types.h"

namespace ts::session {

/// Numbered as the MB_ values that WTSSendMessage takes ([WINUSER] MessageBox, uType).
enum class BoxButtons : std::uint32_t {
  kOk = 0,
  kOkCancel = 1,
  kAbortRetryIgnore = 2,
  kYesNoCancel = 3,
  kYesNo = 4,
  kRetryCancel = 5
};
/// As its ID values (IDOK ...).
enum class BoxReply : std::uint32_t {
  kOk = 1,
  kCancel = 2,
  kAbort = 3,
  kRetry = 4,
  kIgnore = 5,
  kYes = 6,
  kNo = 7
};

/// In the order in which they stand; empty for a value that is none of these.
std::span<const BoxReply> replies_of(BoxButtons buttons);
bool may_reply(BoxButtons buttons, BoxReply reply);

/// "ok_cancel", "abort_retry_ignore"; "yes".
std::string_view buttons_name(BoxButtons buttons);
std::optional<BoxButtons> buttons_named(std::string_view name);
std::string_view reply_name(BoxReply reply);

inline constexpr std::size_t kMostBoxText = 2000;  // characters
inline constexpr std::size_t kMostBoxTitle = 100;
inline constexpr std::size_t kMostBoxes = 8;  // of one session at a time
inline constexpr std::uint32_t kMostBoxSeconds = 24 * 60 * 60;

/// Bit of the numbers of boxes that the host itself shows; those of tssession are without.
inline constexpr std::uint32_t kHostsRequest = 0x80000000;

/// What a box says: its text, or a sentence of tsmessage's own, in the language of who reads it.
enum class BoxSentence : std::uint32_t {
  kText,
  kIdleDisconnect,  // `until`: when it is disconnected for being idle
  kIdleLogOff,
  kActiveDisconnect,  // for having been connected for too long
  kActiveLogOff
};

/// tssession -> host -> tsmessage. In any bytes: tsmessage makes it fit to be shown.
struct ShowBox {
  static constexpr MessageType kType = 0x28c;
  MessageHeader header{kType};
  std::uint32_t request = 0;  // repeated in what follows
  BoxButtons buttons = BoxButtons::kOk;
  std::uint32_t seconds = 0;  // until it closes by itself, which the host sees to; 0: it stays
  std::int64_t sent = 0;      // Unix seconds
  FixedText<256> sender;      // the account that sends it; empty: the server itself
  FixedText<512> title;       // may be empty
  FixedText<8192> text;
  BoxSentence sentence = BoxSentence::kText;
  std::int64_t until = 0;  // Unix seconds, of a sentence
};

/// tsmessage -> host -> tssession: it is to be seen.
struct BoxShown {
  static constexpr MessageType kType = 0x208;
  MessageHeader header{kType};
  std::uint32_t request = 0;
};

/// tsmessage -> host.
struct BoxAnswered {
  static constexpr MessageType kType = 0x20a;
  MessageHeader header{kType};
  std::uint32_t request = 0;
  BoxReply reply = BoxReply::kOk;
};

/// host -> tsmessage, after OpenDisplay (lib/display/display_messages.h) and whenever another client comes.
struct BoxClient {
  static constexpr MessageType kType = 0x28e;
  MessageHeader header{kType};
  std::uint32_t keyboard_layout = 0;  // Windows' id; 0: no client, or it did not say
  std::uint32_t scale_percent = 0;    // the client's own scaling, 0: it did not say
  FixedText<16> language;             // logon.language
};

/// host -> tsmessage: its time is over.
struct CloseBox {
  static constexpr MessageType kType = 0x28d;
  MessageHeader header{kType};
  std::uint32_t request = 0;
};

/// host -> tssession: the box is gone, or never came.
struct BoxEnded {
  static constexpr MessageType kType = 0x209;
  enum class How : std::uint32_t { kAnswered, kTimedOut, kFailed };
  MessageHeader header{kType};
  std::uint32_t request = 0;
  How how = How::kFailed;
  BoxReply reply = BoxReply::kOk;  // kAnswered
  FixedText<256> message;          // kFailed: why
};

}  // namespace ts::session
