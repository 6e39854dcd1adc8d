// Connecting to a TCP server: look its name up, then try its addresses one after the other.
#pragma once

#include <sys/socket.h>

#include <functional>
#include <string>
#include <vector>

#include "lib/base/result.h"
#include "lib/base/unique_fd.h"
#include "lib/net/loop.h"

namespace ts::net {

/// "HOST", "HOST:PORT", "[V6]:PORT", "[V6]", or a bare IPv6 address.
struct HostPort {
  std::string host;
  std::string port;  // decimal
};
[[nodiscard]] Result<HostPort> parse_host_port(const std::string& text, const std::string& default_port);

struct TcpAddress {
  sockaddr_storage storage{};
  socklen_t length = 0;
};
/// Asks the system's resolver, which may block for as long as its own limits say. kUnavailable when there is
/// no such host.
[[nodiscard]] Result<std::vector<TcpAddress>> resolve_tcp(const HostPort& server);

/// One attempt to connect; does not block. Destroying it gives up.
class Dialer {
 public:
  /// Called once, from the loop: a connected, non-blocking socket, or what the last address's problem was
  /// (kUnavailable).
  using Callback = std::function<void(Result<UniqueFd>)>;

  /// `addresses` has at least one.
  Dialer(Loop& loop, std::vector<TcpAddress> addresses, Callback callback);

 private:
  void try_next();
  void finish(Result<UniqueFd> result);
  void on_ready();

  Loop& loop_;
  std::vector<TcpAddress> addresses_;
  std::size_t next_ = 0;
  Callback callback_;
  Error last_error_;
  UniqueFd fd_;
  std::unique_ptr<Poller> poller_;
  Timer soon_;  // nothing is called from the constructor or from within a watcher's own callback
};

}  // namespace ts::net
