// What a client did, as Acceptor::step() tells it: plain data, decoded, within bounds. Events of one step are
// in the order in which the client caused them. Nothing here is believed by the server: names and addresses
// are the client's own words.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "lib/rdp/reconnect_cookie.h"
#include "lib/rdp/secret.h"

namespace ts::rdp {

// Before TLS
// ----------------------------------------------------------------------------------------------------

/// The X.224 request named a user or a route ([MS-RDPBCGR] 2.2.1.1: cookie or routingToken, at most 255
/// bytes, without CR LF). Exactly one of the two is set. Comes before StartTls or Refused.
struct CookieSeen {
  std::string user;           // from "Cookie: mstshash=", cut by some clients to nine characters
  std::string routing_token;  // anything else, e.g. "Cookie: msts=..." or a load balancer's own text
};

/// The client may have sent a preconnection PDU ([MS-RDPEPS] 2.2.1) before anything else.
struct PreconnectionSeen {
  std::uint32_t id = 0;
  std::string text;
};

/// Write `out` in the clear, then do the TLS handshake as its server; everything after goes through TLS.
struct StartTls {};

/// The client cannot be served. Write `out` (possibly empty), log `text`, then close.
struct Refused {
  std::string text;
};

// Connecting
// ----------------------------------------------------------------------------------------------------

struct Channel {
  std::string name;           // at most 7 characters
  std::uint16_t id = 0;       // MCS channel id given to it, 1004 upwards
  std::uint32_t options = 0;  // as the client wrote them: unreliable (rdesktop swaps the bytes)
};

struct Monitor {
  std::int32_t left = 0, top = 0, right = 0, bottom = 0;  // inclusive
  bool primary = false;
};

/// The MCS Connect Initial was read and answered ([MS-RDPBCGR] 2.2.1.3 and its client blocks).
struct ClientConnected {
  std::string name;  // the computer's
  std::uint32_t version = 0;
  std::uint32_t build = 0;
  std::uint16_t wanted_width = 0, wanted_height = 0;  // as asked for
  std::uint16_t width = 0, height = 0;                // as the session will be, within the server's limits
  std::uint16_t depth = 0;                            // 8, 15, 16, 24 or 32
  std::uint32_t keyboard_layout = 0;
  std::uint32_t keyboard_type = 0;
  std::uint32_t keyboard_subtype = 0;
  std::uint16_t scale = 0;        // of a desktop, 100 to 500 percent; 0: the client did not say
  std::uint16_t early_flags = 0;  // earlyCapabilityFlags, see gcc_client.h
  std::uint8_t connection_type = 0;
  std::vector<Channel> channels;
  bool console = false;                             // the client asks for the console session (/admin)
  std::optional<std::uint32_t> redirected_session;  // a session id that a redirection gave it
  std::vector<Monitor> monitors;
};

/// Flags of the Client Info PDU that concern the server's conduct ([MS-RDPBCGR] 2.2.1.11.1.1).
struct ClientInfoFlags {
  bool autologon = false;     // log on with these credentials at once
  bool logon_notify = false;  // wants to be told of the logon
  bool logon_errors = false;  // understands logon errors (Save Session Info)
  bool maximize_shell = false;
  bool no_audio = false;
  bool remote_audio = false;
  std::uint32_t raw = 0;
};

/// Who wants in ([MS-RDPBCGR] 2.2.1.11). After this event the client is being activated; that needs nothing
/// from the driver, which should use the time to find the session.
struct ClientInfo {
  std::string user;
  std::string domain;
  Secret password;      // also in the PDU the driver passed in: wipe that
  std::string program;  // alternate shell
  std::string folder;   // working folder for it
  ClientInfoFlags flags;
  std::string address;  // the client's own idea of it
  std::string client_folder;
  std::int32_t timezone_bias = 0;  // minutes: UTC = local time + bias
  std::uint32_t performance_flags = 0;
  std::optional<ClientReconnectCookie>
      reconnect_cookie;  // of a client that wants back after a lost connection
};

// Active
// --------------------------------------------------------------------------------------------------------

/// What the client can take, from its Confirm Active (defaults are those of a set that is missing).
struct ClientCapabilities {
  std::uint16_t os_major = 0, os_minor = 0;
  bool fast_path_output = false;
  bool long_credentials = false;
  bool auto_reconnect = false;
  bool no_bitmap_compression_header = false;
  bool refresh_rect = false;
  bool suppress_output = false;
  std::uint16_t preferred_depth = 0;
  std::uint16_t width = 0, height = 0;
  bool desktop_resize = false;
  bool skip_alpha = false;                // planar bitmaps without an alpha plane (drawingFlags 0x08)
  bool dynamic_color_fidelity = false;    // drawingFlags 0x02
  bool color_subsampling = false;         // drawingFlags 0x04
  std::uint16_t color_pointer_cache = 0;  // slots for 24 bpp pointers
  std::uint16_t pointer_cache = 0;        // slots for new and large pointers; 0: only 24 bpp ones
  bool pointer_96 = false;                // pointers up to 96x96
  bool pointer_384 = false;               // and up to 384x384, as large pointer updates
  std::uint16_t input_flags = 0;
  std::uint32_t keyboard_layout = 0;
  std::uint32_t max_fragmented_update =
      0;  // bytes of one update over several fast-path PDUs; 0: not possible
};

/// Font Map is in `out`: the client shows a desktop of this size now, empty, with empty caches. Also after
/// each reactivation. From here on Acceptor::updates() is there.
struct Activated {
  std::uint16_t width = 0, height = 0, depth = 0;
  ClientCapabilities capabilities;
  bool again = false;  // after a reactivation
};

/// Input ([MS-RDPBCGR] 2.2.8.1); may also come before Activated and while reactivating.
struct KeyInput {
  std::uint8_t code = 0;      // PC set 1 scan code
  std::uint8_t extended = 0;  // its prefix: 0, 0xE0 or 0xE1
  bool down = false;
};
struct UnicodeInput {
  char32_t code_point = 0;  // surrogate pairs joined; never a surrogate, never 0
  bool down = false;
};
/// The pointer goes to x, y if `move`; then the button, if not 0, changes; then the wheel turns.
struct MouseInput {
  std::uint16_t x = 0, y = 0;
  bool move = false;        // x, y count (not for wheels)
  std::uint8_t button = 0;  // 1 left, 2 middle, 3 right, 8 back, 9 forward
  bool down = false;
  std::int16_t wheel_vertical = 0;    // 120 a notch, away from the user positive
  std::int16_t wheel_horizontal = 0;  // 120 a notch, right positive
};
/// All keys are up, and these are the lock keys' lights: 1 scroll, 2 num, 4 caps, 8 kana.
struct SynchronizeInput {
  std::uint32_t locks = 0;
};

/// Inclusive edges, as on the wire ([MS-RDPBCGR] 2.2.11.1).
struct InclusiveRect {
  std::uint16_t left = 0, top = 0, right = 0, bottom = 0;
};
/// Draw these again in full.
struct RefreshRect {
  std::vector<InclusiveRect> rects;
};
/// Stop (true) or go on sending updates; the whole desktop is to be drawn again when going on.
struct SuppressOutput {
  bool suppressed = false;
};

// The end
// -------------------------------------------------------------------------------------------------------

/// The person closed the client's window: answer with deny_shutdown() when someone is logged on (the client
/// then disconnects by itself), or end().
struct ShutdownRequested {};

/// The client says goodbye (MCS Disconnect Provider Ultimatum or X.224 Disconnect Request): close.
struct ClientDisconnects {};

using Event = std::variant<CookieSeen, PreconnectionSeen, StartTls, Refused, ClientConnected, ClientInfo,
                           Activated, KeyInput, UnicodeInput, MouseInput, SynchronizeInput, RefreshRect,
                           SuppressOutput, ShutdownRequested, ClientDisconnects>;

}  // namespace ts::rdp
