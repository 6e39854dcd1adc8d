// The stack's side of the control socket to tsd: the wait for a client, then private-key operations. Blocking
// on purpose: before the client comes there is nothing else to do, and a handshake cannot go on without its
// signature.
#pragma once

#include <string>

#include "lib/base/bytes.h"
#include "lib/base/result.h"
#include "lib/base/unique_fd.h"
#include "lib/net/tls_key.h"
#include "lib/session/listener_messages.h"

namespace ts::stack {

struct Certificate {
  std::string pem;   // the chain
  UniqueFd key_log;  // or none
};

struct Client {
  UniqueFd socket;   // TCP, to the client
  UniqueFd session;  // Varlink, to tssession
  session::ConnectionId connection{};
  std::string peer_address;
  std::chrono::milliseconds handshake_timeout{};
};

class Control {
 public:
  explicit Control(UniqueFd socket) : socket_(std::move(socket)) {}

  /// Each blocks until it comes, kUnavailable when tsd has gone instead: first the chain with which the
  /// client will be met, then a client.
  Result<Certificate> wait_for_certificate();
  Result<Client> wait_for_client();
  /// Blocks for the answer, at most five seconds.
  Result<Bytes> sign(net::KeyOperation operation, ByteView input);
  /// Does not wait; a tsd that has gone meanwhile need not know.
  void tell_logged_on();
  /// What the handshake came to, for people to see; lost if tsd has gone.
  void tell_secured(std::string_view version, std::string_view cipher);
  /// Why the client gets no session. Waits for nothing.
  void tell_refused(const std::string& reason);

 private:
  Result<Bytes> receive(std::vector<UniqueFd>& fds, int timeout_ms);

  UniqueFd socket_;
};

}  // namespace ts::stack
