// A connection before a stack has it, on a real loop and loopback.
#include "cmd/tsd/incoming.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "lib/net/sockets.h"

namespace ts::tsd {
namespace {

using namespace std::chrono_literals;

/// A client that never speaks may take the time of a whole handshake from nobody.
TEST(Incoming, SilenceEndsLongBeforeTheHandshakesTime) {
  net::Loop loop;
  auto listening = net::listen_tcp("127.0.0.1:0");
  ASSERT_TRUE(listening);
  sockaddr_in address{};
  socklen_t size = sizeof address;
  ASSERT_EQ(::getsockname(listening->get(), reinterpret_cast<sockaddr*>(&address), &size), 0);
  UniqueFd client(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  ASSERT_EQ(::connect(client.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
  std::string reason;
  net::Timer watchdog(loop, [&] { loop.stop(); });
  watchdog.start(30s);
  auto start = net::Clock::now();
  Incoming incoming(loop, UniqueFd(::accept(listening->get(), nullptr, nullptr)), "/nonexistent", 60s,
                    {.on_introduced = [] { ADD_FAILURE(); },
                     .on_end =
                         [&](const std::string& why) {
                           reason = why;
                           loop.stop();
                         }});
  loop.run();
  EXPECT_NE(reason.find("nothing came in time"), std::string::npos) << reason;
  EXPECT_LT(net::Clock::now() - start, 20s);
}

}  // namespace
}  // namespace ts::tsd
