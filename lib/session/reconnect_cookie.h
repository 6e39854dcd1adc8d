// The right to come back to a session without a password: whoever holds its cookie ([MS-RDPBCGR] 5.5) and
// proves it is let in. The rules of one session's cookie; pure: time and random bits come in, no I/O. Lives
// in the session's host, the only one that knows the bits besides the client that was given them.
//
//   replace: somebody has logged on here, or another computer has taken the session over: what was given is
//   void. renew:   every kInterval while a client is there, and after each automatic reconnection. The cookie
//   before stays
//            good until the new one has been used, but not longer than kOverlap: a connection may break
//            before its client has got the new one.
//   revoke:  nobody comes back by themselves.
//
// INVARIANT: the client's verifier is never sent between our programs. Its stack proves to have it by a MAC
// over the connection's id, which is good once; so what tssession hands on opens nothing to whoever reads it.
#pragma once

#include <array>
#include <chrono>
#include <optional>

#include "lib/base/bytes.h"
#include "lib/session/types.h"

namespace ts::session {

using ReconnectBits = std::array<std::byte, 16>;   // ArcRandomBits
using ReconnectProof = std::array<std::byte, 32>;  // HMAC-SHA256 of the connection's id under the verifier

/// What a client makes of the bits: their HMAC-MD5 of the client random, which under TLS is 32 zero bytes.
std::array<std::byte, 16> reconnect_verifier(const ReconnectBits& bits);
ReconnectProof reconnect_proof(const std::array<std::byte, 16>& verifier, const ConnectionId& connection);

class ReconnectCookie {
 public:
  static constexpr std::chrono::hours kInterval{1};  // what Windows documents
  static constexpr std::chrono::seconds kOverlap{60};

  /// `interval`: for tests that do not wait.
  explicit ReconnectCookie(std::chrono::milliseconds interval = kInterval) : interval_(interval) {}
  ~ReconnectCookie();
  ReconnectCookie(const ReconnectCookie&) = delete;
  ReconnectCookie& operator=(const ReconnectCookie&) = delete;

  void replace(const ReconnectBits& bits, TimePoint now);
  void renew(const ReconnectBits& bits, TimePoint now);
  void revoke();
  /// The client's connection is lost: it has the whole interval to come back.
  void client_lost(TimePoint now);

  /// Whether this proves a cookie that is good now. The same proof for the same connection stays good:
  /// nothing is used up before somebody is let in, which renew() is then called for.
  bool check(const ReconnectProof& proof, const ConnectionId& connection, TimePoint now);

  /// When the cookie is to be renewed, or revoked where no client is there; nothing: there is none.
  std::optional<TimePoint> due() const;
  bool exists() const { return current_.has_value(); }

 private:
  struct Former {
    ReconnectBits bits;
    TimePoint until;
  };
  void forget_former();

  std::chrono::milliseconds interval_;
  std::optional<ReconnectBits> current_;
  std::optional<Former> former_;
  bool used_former_ =
      false;  // the last good check was about that one: the client has never got the current one
  TimePoint due_{};
};

}  // namespace ts::session
