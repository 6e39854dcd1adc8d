// What the kernel counts of a connection.
#include "lib/net/tcp_figures.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>

#include <vector>

#include "lib/net/sockets.h"

namespace ts::net {
namespace {

TEST(TcpFigures, CountBytesBothWays) {
  auto listening = listen_tcp("127.0.0.1:0");
  ASSERT_TRUE(listening);
  sockaddr_in address{};
  socklen_t size = sizeof address;
  ASSERT_EQ(::getsockname(listening->get(), reinterpret_cast<sockaddr*>(&address), &size), 0);
  UniqueFd client(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  ASSERT_EQ(::connect(client.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
  pollfd coming{listening->get(), POLLIN, 0};
  ASSERT_EQ(::poll(&coming, 1, 5000), 1);
  UniqueFd server(::accept(listening->get(), nullptr, nullptr));
  ASSERT_TRUE(server);
  std::vector<char> buffer(5000, 'x');
  ASSERT_EQ(::send(client.get(), buffer.data(), 3000, 0), 3000);
  ASSERT_EQ(::recv(server.get(), buffer.data(), 3000, MSG_WAITALL), 3000);
  ASSERT_EQ(::send(server.get(), buffer.data(), 5000, 0), 5000);
  ASSERT_EQ(::recv(client.get(), buffer.data(), 5000, MSG_WAITALL), 5000);
  // The answer carries the acknowledgement.
  ASSERT_EQ(::send(client.get(), buffer.data(), 1, 0), 1);
  ASSERT_EQ(::recv(server.get(), buffer.data(), 1, MSG_WAITALL), 1);
  auto figures = tcp_figures(server.get());
  ASSERT_TRUE(figures);
  EXPECT_EQ(figures->received, 3001u);
  EXPECT_EQ(figures->sent, 5000u);
  EXPECT_GT(figures->round_trip.count(), 0);
}

TEST(TcpFigures, OfSomethingElseAreNone) {
  auto ends = socket_pair(SocketKind::kStream);
  ASSERT_TRUE(ends);
  EXPECT_FALSE(tcp_figures(ends->first.get()));
  EXPECT_FALSE(tcp_figures(-1));
}

}  // namespace
}  // namespace ts::net
