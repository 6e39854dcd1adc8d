#include "lib/net/tcp_figures.h"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstddef>

namespace ts::net {

std::optional<TcpFigures> tcp_figures(int fd) {
  tcp_info info{};
  socklen_t size = sizeof info;
  // An old kernel fills less of the structure: what we read has to be in it (Linux 4.1).
  if (::getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) != 0 ||
      size < offsetof(tcp_info, tcpi_bytes_received) + sizeof info.tcpi_bytes_received)
    return std::nullopt;
  return TcpFigures{info.tcpi_bytes_received, info.tcpi_bytes_acked,
                    std::chrono::microseconds(info.tcpi_rtt)};
}

}  // namespace ts::net
