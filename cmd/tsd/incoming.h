// One accepted connection until a stack has it: parked until the client sends its first byte, for which it
// has ten seconds at most, then until its owner finds that it is its turn, then introduced to tssession.
// Nothing of what the client sends is read here.
#pragma once

#include <array>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "cmd/tsd/status_service.h"
#include "lib/base/unique_fd.h"
#include "lib/net/loop.h"
#include "lib/session/types.h"
#include "lib/varlink/client.h"

namespace ts::tsd {

class Incoming {
 public:
  struct Handlers {
    std::function<void()> on_spoke;       // the first byte is there: introduce() may be called
    std::function<void()> on_introduced;  // take() may be called
    std::function<void(const std::string& reason)> on_end;  // empty reason: the client left by itself
  };

  Incoming(net::Loop& loop, UniqueFd client, std::filesystem::path session_socket,
           std::chrono::milliseconds timeout, Handlers handlers);

  /// Once. May end it at once.
  void introduce();

  struct Introduced {
    UniqueFd client;
    UniqueFd session;  // the Varlink connection on which tssession knows this client
    session::ConnectionId connection{};
    std::string peer_address;
    std::chrono::milliseconds time_left{};  // of the handshake timeout
    WallTime since;                         // accepted
    std::string network;
    net::TimePoint came;
  };
  Introduced take();
  const std::string& peer_address() const { return peer_address_; }
  const std::string& network() const { return network_; }  // net::peer_network
  net::TimePoint came() const { return came_; }
  ConnectionStatus status() const;

 private:
  std::chrono::milliseconds time_left() const;
  bool has_left() const;
  void on_reply(varlink::Reply reply);
  void end(const std::string& reason);

  net::Loop& loop_;
  UniqueFd client_;
  std::filesystem::path session_socket_;
  Handlers handlers_;
  std::string peer_address_, network_;
  net::TimePoint came_ = net::Clock::now();
  session::ConnectionId connection_{};
  WallTime since_ = std::chrono::system_clock::now();
  net::TimePoint deadline_;
  net::Poller first_byte_;
  net::Timer timeout_;
  net::Timer retry_;
  std::unique_ptr<varlink::AsyncClient> introducer_;
  UniqueFd session_;
};

}  // namespace ts::tsd
