// The server side of one RDP connection ([MS-RDPBCGR] 1.3.1.1): bytes in, bytes and events out. It owns no
// socket, clock or randomness and never blocks; deadlines are the driver's.
//
//   while (auto size = acceptor.frame_size(input)) ...       // cut whole PDUs off the received bytes
//   acceptor.step(pdu, out, events)                          // write `out`, then act on the events
//   if (auto* updates = acceptor.updates()) updates->...     // draw, while the client is active
//
// INVARIANT: an error of frame_size() or step() means that the client broke the protocol; the connection is
// over, nothing more may be fed in, and end() may still be asked for the goodbye.
// INVARIANT: `out` is only appended to, in whole PDUs.
#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/base/bytes.h"
#include "lib/base/result.h"
#include "lib/rdp/events.h"
#include "lib/rdp/update_writer.h"

namespace ts::rdp {

/// What the server allows. Security is TLS and nothing else.
struct AcceptorOptions {
  std::uint16_t max_width = 3840;  // the client's wish is cut down to these
  std::uint16_t max_height = 2160;
};

/// Logon errors of Save Session Info ([MS-RDPBCGR] 2.2.10.1.1.4.1.1).
enum class LogonErrorType : std::uint32_t {
  kSessionBusy = 0xFFFFFFF8,
  kDisconnectRefused = 0xFFFFFFF9,
  kNoPermission = 0xFFFFFFFA,
  kBumpOptions = 0xFFFFFFFB,
  kReconnectOptions = 0xFFFFFFFC,
  kSessionTerminate = 0xFFFFFFFD,
  kSessionContinue = 0xFFFFFFFE
};
enum class LogonErrorData : std::uint32_t {
  kBadPassword = 0,
  kPasswordMustChange = 1,
  kOther = 2,
  kWarning = 3
};

class Acceptor {
 public:
  explicit Acceptor(AcceptorOptions options = {});
  ~Acceptor();
  Acceptor(Acceptor&&) noexcept;
  Acceptor& operator=(Acceptor&&) noexcept;

  /// Length of the PDU that `received` starts with, which may be more than is there; nullopt: too few bytes
  /// to tell. At most 4096 before TLS and 65535 after; an error for what can be no PDU in this state.
  [[nodiscard]] Result<std::optional<std::size_t>> frame_size(ByteView received) const;

  /// Takes one whole PDU, appends the answer to `out` and what it meant to `events`.
  [[nodiscard]] Result<> step(ByteView pdu, Bytes& out, std::vector<Event>& events);

  /// Where the connection is, for log lines: "awaiting client info".
  std::string_view state_name() const;
  /// Between Font Map and end of connection, except while reactivating.
  bool active() const;
  /// The writer of updates while active(), else nullptr. Do not keep the pointer over a call that is not
  /// const.
  const UpdateWriter* updates() const;

  /// Gives the client another desktop size (cut to the limits): Deactivate All, then a new Demand Active.
  /// Activated follows when the client is through. False, and nothing written, unless active().
  bool reactivate(std::uint16_t width, std::uint16_t height, Bytes& out);
  /// The nearest size that clients can have: what reactivate() makes of this one.
  std::pair<std::uint16_t, std::uint16_t> fit(std::uint16_t width, std::uint16_t height) const;

  /// Tells the client why, as far as the state allows it, and hangs up on the protocol level: Set Error Info
  /// (codes of [MS-RDPBCGR] 2.2.5.1.1, 0 for none), then the Disconnect Provider Ultimatum. Then write `out`
  /// and wait for the client to close. Nothing is written before TLS is up.
  void end(std::uint32_t error_info, Bytes& out);

  /// Answer to ShutdownRequested while a user is logged on: the client asks the person, then disconnects.
  void deny_shutdown(Bytes& out);
  /// Save Session Info: this user is logged on now. Only while active().
  void logged_on(std::uint32_t session_id, std::string_view user, std::string_view domain, Bytes& out);
  /// Save Session Info with a logon error, for clients that announced LOGONERRORS. Only while active().
  void logon_error(LogonErrorType type, LogonErrorData data, Bytes& out);
  /// Save Session Info: what this client may come back with should it lose its connection; after logged_on().
  /// False, and nothing written, unless active() and for clients that do not reconnect by themselves.
  bool reconnect_cookie(const ServerReconnectCookie& cookie, Bytes& out);
  /// The cookie in the client info was of no use. Only while active().
  void reconnect_failed(Bytes& out);
  /// Sets the client's lock lights: bits as in SynchronizeInput. Only while active().
  void keyboard_indicators(std::uint32_t locks, Bytes& out);

 private:
  struct Machine;
  std::unique_ptr<Machine> machine_;
};

}  // namespace ts::rdp
