// The client side of one RDP connection ([MS-RDPBCGR] 1.3.1.1), shaped as Acceptor is: bytes in, bytes and
// events out. It owns no socket, clock or randomness and never blocks; deadlines are the driver's.
//
//   connector.start(out)                                     // write `out` in the clear
//   while (auto size = connector.frame_size(input)) ...      // cut whole PDUs off the received bytes
//   connector.step(pdu, out, events)                         // write `out`, then act on the events:
//     TlsSelected    -> TLS handshake, then connector.secured(out)
//     ReadyForLogon  -> connector.log_on(info, out), or leave: up to here no session is asked for
//
// It does what a well-behaved client must and no more: no channels, no input but the synchronisation of
// 2.2.1.14, no drawing orders, no pointers, no licences. Security is TLS and nothing else.
//
// INVARIANT: an error of frame_size() or step() means that the server broke the protocol (kMalformed) or said
// no (kRefused); the connection is over and nothing more may be fed in. INVARIANT: `out` is only appended to,
// in whole PDUs.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/bytes.h"
#include "lib/base/result.h"
#include "lib/rdp/connector_events.h"
#include "lib/rdp/events.h"

namespace ts::rdp {

struct ConnectorOptions {
  std::string cookie_user;  // of "Cookie: mstshash=", or
  std::string
      routing_token;  // in its place; neither has CR or LF, at most kMaxCookie bytes: see check_cookie()
  std::string client_name;  // cut to 15 characters
  std::uint16_t width = 1024, height = 768;
  std::uint16_t depth = 32;  // 8, 15, 16, 24 or 32
  std::uint32_t keyboard_layout = 0x409;
  bool fast_path = true;  // output; off: slow path as in RDP 4
};

/// Whether a text can be a cookie's user or a routing token.
[[nodiscard]] Result<> check_cookie(std::string_view text);

class Connector {
 public:
  explicit Connector(ConnectorOptions options);
  ~Connector();
  Connector(Connector&&) noexcept;
  Connector& operator=(Connector&&) noexcept;

  /// The X.224 Connection Request; once, first of all.
  void start(Bytes& out);
  /// TLS is up: MCS Connect Initial. Once, after TlsSelected.
  void secured(Bytes& out);
  /// Client Info, after ReadyForLogon. Of `info` the client says user, domain, password, program and folder;
  /// it asks to be logged on at once when there is a user and a password. Then `out` holds the password: wipe
  /// it. kUsage for a text that is too long.
  [[nodiscard]] Result<> log_on(ClientInfo info, Bytes& out);

  /// Length of the PDU that `received` starts with, which may be more than is there; nullopt: too few bytes
  /// to tell. An error for what can be no PDU in this state.
  [[nodiscard]] Result<std::optional<std::size_t>> frame_size(ByteView received) const;
  /// Takes one whole PDU, appends the answer to `out` and what it meant to `events`.
  [[nodiscard]] Result<> step(ByteView pdu, Bytes& out, std::vector<ServerEvent>& events);

  /// Where the connection is, for messages: "waiting for the licence".
  std::string_view state_name() const;
  /// Between DesktopReady and the end, except while deactivated.
  bool active() const;

  /// Says goodbye as far as the state allows it (MCS Disconnect Provider Ultimatum): write `out`, then close.
  void leave(Bytes& out);

 private:
  struct Machine;
  std::unique_ptr<Machine> machine_;
};

}  // namespace ts::rdp
