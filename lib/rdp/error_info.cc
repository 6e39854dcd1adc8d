#include "lib/rdp/error_info.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace ts::rdp {
namespace {

struct Entry {
  std::uint32_t code;
  std::string_view text;
};

constexpr auto kErrorInfo = std::to_array<Entry>({
    {0x0, "no error"},
    {0x1, "an administrator disconnected the session"},
    {0x2, "an administrator logged the session off"},
    {0x3, "the session was idle for too long"},
    {0x4, "the session's time is over"},
    {0x5, "another connection took the session over"},
    {0x6, "the server is out of memory"},
    {0x7, "the server denied the connection"},
    {0x9, "the user may not log on to this server"},
    {0xA, "the server wants a user name and a password that are right"},
    {0xB, "the user disconnected the session"},
    {0xC, "the user logged off"},
    {0xF, "the session's display driver was not ready in time"},
    {0x10, "the session's window manager ended"},
    {0x11, "the session's display driver did not start"},
    {0x12, "the session's display driver has no interface"},
    {0x17, "the session's logon process ended"},
    {0x18, "the session's system process ended"},
    {0x19, "the server is shutting down"},
    {0x1A, "the server is restarting"},
    {0x100, "licensing failed inside the server"},
    {0x101, "the server has no licence server"},
    {0x102, "the server has no licence for this client"},
    {0x103, "a licensing message of the client was not valid"},
    {0x104, "the client's licence is for other hardware"},
    {0x105, "the client's licence is not valid"},
    {0x106, "licensing could not be finished"},
    {0x107, "the client ended licensing"},
    {0x108, "a licensing message was not encrypted as it should be"},
    {0x109, "the client's licence could not be upgraded"},
    {0x10A, "the server is not licensed for remote connections"},
    {0x400, "the connection broker found no such destination"},
    {0x402, "the connection broker is loading the destination"},
    {0x404, "the connection broker is redirecting the connection"},
    {0x405, "the connection broker is waking the destination"},
    {0x406, "the connection broker is starting the destination"},
    {0x407, "the connection broker has no address for the destination"},
    {0x408, "the connection broker has no destination that is free"},
    {0x409, "the connection broker cancelled the connection"},
    {0x410, "the connection broker has settings that are not valid"},
    {0x411, "the connection broker's destination did not start in time"},
    {0x412, "the connection broker cannot watch the destination"},
});

// 0x10C9 and on tell which message of ours the server did not like.
constexpr std::uint32_t kFirstProtocolError = 0x10C9;
constexpr std::uint32_t kLastProtocolError = 0x1195;

}  // namespace

std::string error_info_text(std::uint32_t code) {
  auto found = std::ranges::find(kErrorInfo, code, &Entry::code);
  if (found != kErrorInfo.end()) return std::string(found->text);
  if (code >= kFirstProtocolError && code <= kLastProtocolError)
    return "the server found a protocol error in the client's messages";
  return "the server gives a reason that is not known";
}

std::string logon_error_text(std::uint32_t type, std::uint32_t data) {
  std::string_view what = [type]() -> std::string_view {
    switch (type) {
      case 0xFFFFFFF8:
        return "the session is busy";
      case 0xFFFFFFF9:
        return "the user of the session refused to give it up";
      case 0xFFFFFFFA:
        return "the user may not log on";
      case 0xFFFFFFFB:
        return "the user is asked whom to disconnect";
      case 0xFFFFFFFC:
        return "the user is asked which session to take";
      case 0xFFFFFFFD:
        return "the session is ending";
      case 0xFFFFFFFE:
        return "the server asks at its logon screen";
      default:
        return "the logon failed";
    }
  }();
  switch (data) {
    case 0:
      return fmt::format("{}: the user name or the password is not right", what);
    case 1:
      return fmt::format("{}: the password has to be changed", what);
    case 3:
      return fmt::format("{}: there is a warning to confirm", what);
    default:
      return std::string(what);
  }
}

bool logon_error_is_final(std::uint32_t type, std::uint32_t data) {
  constexpr std::uint32_t kContinue = 0xFFFFFFFE, kBadPassword = 0;
  return type == kContinue ? data == kBadPassword : type != 0xFFFFFFFB && type != 0xFFFFFFFC;
}

std::string ultimatum_text(std::uint8_t reason) {
  switch (reason) {
    case 0:
      return "the server closed the domain";
    case 1:
      return "the server disconnected";
    case 3:
      return "the server disconnected because the user asked for it";
    default:
      return fmt::format("the server disconnected with reason {}", reason);
  }
}

std::string negotiation_failure_text(std::uint32_t code) {
  switch (code) {
    case 1:
      return "the server wants TLS";
    case 2:
      return "the server does not do TLS";
    case 3:
      return "the server has no certificate";
    case 4:
      return "the server found the request inconsistent";
    case 5:
      return "the server wants network level authentication";
    case 6:
      return "the server wants TLS with a certificate of the user";
    default:
      return fmt::format("the server gives the unknown reason {}", code);
  }
}

}  // namespace ts::rdp
