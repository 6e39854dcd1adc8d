// ts.Listener: how this listener is doing, for tssession, over the one socket that it has given us. Nobody
// else can ask here: the process that holds the private key has no socket of its own that strangers could
// call.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "lib/net/tcp_figures.h"
#include "lib/session/types.h"
#include "lib/varlink/service.h"

namespace ts::tsd {

using WallTime = std::chrono::system_clock::time_point;

struct ConnectionStatus {
  session::ConnectionId id{};
  std::string peer_address;
  WallTime since;
  std::string security, cipher;  // as its stack says; empty: not yet
  std::optional<net::TcpFigures> tcp;
};

struct ListenerStatus {
  std::chrono::seconds uptime{};
  std::uint64_t accepted = 0, refused = 0;
  std::uint64_t received = 0, sent = 0;  // bytes of all connections there were
  std::vector<ConnectionStatus> connections;
};

class StatusService {
 public:
  StatusService(net::Loop& loop, std::function<ListenerStatus()> status);
  /// Answers on this socket for as long as the other side keeps it.
  void serve(UniqueFd connected);

 private:
  void handle_status(const std::shared_ptr<varlink::Call>& call);

  std::function<ListenerStatus()> status_;
  varlink::Service service_;
};

}  // namespace ts::tsd
