// A stack that has its client: all it may still ask of tsd is the use of the private key, twice at most, and
// what it tells is what came of the handshake, that its client has logged on, and once why its client got no
// session. A stack that lies about a logon was taken over by its client, and gains a place that
// listener.max_connections counts as before.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "cmd/tsd/address_limit.h"
#include "cmd/tsd/certificate.h"
#include "cmd/tsd/incoming.h"
#include "cmd/tsd/stack_pool.h"
#include "lib/net/packet_socket.h"
#include "lib/session/strangers.h"

namespace ts::tsd {

class ServingStack {
 public:
  struct Handlers {
    std::function<void()> on_end;
    std::function<void()> on_logged_on;  // once at most
    /// Once at most: why the client got no session, as the stack says.
    std::function<void(const std::string& peer_address, const std::string& reason)> on_refused;
  };

  /// Hands the client over; `on_end` follows when the stack has ended.
  ServingStack(net::Loop& loop, StackPool::Stack stack, Incoming::Introduced client,
               AddressLimit::Place place, const ListenerCertificate& certificate, Handlers handlers);
  ConnectionStatus status() const;
  /// Nothing once it has logged on, or has given way.
  std::optional<session::Stranger> stranger() const;
  /// Its place is free and its client cut off; the stack's end follows.
  void give_way();
  bool gave_way() const { return gave_way_; }
  const std::string& network() const { return network_; }

 private:
  void on_packet(ByteView packet);

  static constexpr int kMaxOperations = 2;  // a handshake needs one; a second for a HelloRetryRequest

  const ListenerCertificate& certificate_;
  Handlers handlers_;
  bool refused_ = false, gave_way_ = false;
  std::string network_;
  net::TimePoint came_;
  ConnectionStatus status_;                   // but for what TCP counts
  std::optional<AddressLimit::Place> place_;  // until it has logged on
  UniqueFd client_;  // a second descriptor of the client's connection, which is asked for its figures only
  int operations_ = 0;
  net::PacketSocket control_;
};

}  // namespace ts::tsd
