// What the kernel counts of a TCP connection (TCP_INFO, tcp(7)): also for who only holds its descriptor.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace ts::net {

struct TcpFigures {
  std::uint64_t received = 0;              // bytes
  std::uint64_t sent = 0;                  // bytes that the peer has acknowledged
  std::chrono::microseconds round_trip{};  // smoothed
};

/// Nothing when the descriptor is no TCP connection.
std::optional<TcpFigures> tcp_figures(int fd);

}  // namespace ts::net
