// What a server did, as Connector::step() tells it: plain data, decoded, within bounds. Events of one step
// are in the order in which the server caused them. Names and numbers are the server's own words; nothing
// borrows from the PDU.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "lib/base/bytes.h"
#include "lib/rdp/reconnect_cookie.h"
#include "lib/rdp/update_writer.h"

namespace ts::rdp {

// Connecting
// ----------------------------------------------------------------------------------------------------

/// The server chose TLS: do the handshake as its client, then call Connector::secured().
struct TlsSelected {};

/// The server offers nothing that we can do ([MS-RDPBCGR] 2.2.1.2.2). The connection is over.
struct NegotiationRefused {
  std::optional<std::uint32_t> code;  // failureCode; nothing: the server chose a protocol not offered to it
  std::string text;
};

/// MCS Connect Response was read ([MS-RDPBCGR] 2.2.1.4).
struct ServerFound {
  std::uint32_t version = 0;  // of the server core data
};

/// All channels are joined: Connector::log_on() may be called.
struct ReadyForLogon {};

/// The licensing phase is over ([MS-RDPBCGR] 2.2.1.12, [MS-RDPELE]).
struct LicensingDone {
  bool requested = false;   // the server wanted to issue or see a licence, and was told that there is none
  bool refused = false;     // it then ended the phase with an error; most servers close the connection
  std::uint32_t error = 0;  // dwErrorCode of the last error alert; 7: valid client
};

/// Server redirection ([MS-RDPBCGR] 2.2.13.1): go elsewhere, or to another session here. Each text is empty
/// when its field is missing.
struct Redirected {
  std::uint32_t session_id = 0;
  std::uint32_t flags = 0;
  std::string address, fqdn, netbios_name;
  std::string load_balance_info;  // bytes, usually text ending in CR LF
  std::string user, domain;       // a password in the packet is not kept
  std::vector<std::string> addresses;
};

// Active
// ----------------------------------------------------------------------------------------------------

/// Font Map came: the desktop has this size and depth now, empty. Also after each reactivation.
struct DesktopReady {
  std::uint16_t width = 0, height = 0, depth = 0;
  bool again = false;
};
/// Deactivate All: the desktop is gone until the next DesktopReady.
struct DesktopGone {};

/// Save Session Info ([MS-RDPBCGR] 2.2.10.1): somebody is logged on now.
struct LoggedOn {
  std::optional<std::uint32_t> session_id;  // nothing: the server only notifies
  std::string user, domain;
};
/// Save Session Info with logon errors (2.2.10.1.1.4.1.1).
struct LogonError {
  std::uint32_t type = 0, data = 0;
};

/// A piece of the desktop (TS_BITMAP_DATA). As BitmapRect, but the data is our own; the numbers agree with
/// each other as far as width, height and depth are in range, the data is as long as it is.
struct BitmapPiece {
  std::uint16_t left = 0, top = 0, right = 0, bottom = 0;  // inclusive
  std::uint16_t width = 0, height = 0, depth = 0;
  bool compressed = false;
  Bytes data;
};
struct BitmapUpdate {
  std::vector<BitmapPiece> pieces;
};
struct PaletteUpdate {
  std::array<PaletteEntry, 256> colors;
};

// The end
// ----------------------------------------------------------------------------------------------------

/// Set Error Info ([MS-RDPBCGR] 2.2.5.1): why the server is about to end the connection. 0 says nothing.
struct ErrorInfo {
  std::uint32_t code = 0;
};

/// The server says goodbye: MCS Disconnect Provider Ultimatum with its reason (T.125 7), or X.224 Disconnect
/// Request (nothing). Close.
struct ServerDisconnects {
  std::optional<std::uint8_t> reason;
};

using ServerEvent =
    std::variant<TlsSelected, NegotiationRefused, ServerFound, ReadyForLogon, LicensingDone, Redirected,
                 DesktopReady, DesktopGone, LoggedOn, LogonError, ServerReconnectCookie, BitmapUpdate,
                 PaletteUpdate, ErrorInfo, ServerDisconnects>;

}  // namespace ts::rdp
