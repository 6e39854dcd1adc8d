#include "lib/net/dial.h"

#include <gtest/gtest.h>

#include <cerrno>

#include "lib/net/sockets.h"

namespace ts::net {
namespace {

TEST(HostPort, EveryFormOfAServer) {
  struct Case {
    const char *text, *host, *port;
  };
  for (auto c : {Case{"a.example", "a.example", "3389"}, Case{"a.example:3390", "a.example", "3390"},
                 Case{"10.0.0.1:1", "10.0.0.1", "1"}, Case{"[::1]:65535", "::1", "65535"},
                 Case{"[::1]", "::1", "3389"}, Case{"::1", "::1", "3389"}}) {
    auto parsed = parse_host_port(c.text, "3389");
    ASSERT_TRUE(parsed.has_value()) << c.text;
    EXPECT_EQ(parsed->host, c.host);
    EXPECT_EQ(parsed->port, c.port);
  }
  for (const char* wrong :
       {"", ":3389", "a:", "a:0", "a:65536", "a:b", "a:1x", "[::1", "[::1]x", "[]:1", "[::1]:"}) {
    auto parsed = parse_host_port(wrong, "3389");
    ASSERT_FALSE(parsed.has_value()) << wrong;
    EXPECT_EQ(parsed.error().code, ErrorCode::kUsage);
  }
}

Result<UniqueFd> dial(std::vector<TcpAddress> addresses) {
  Loop loop;
  Result<UniqueFd> result = fail(ErrorCode::kInternal, "not called");
  Dialer dialer(loop, std::move(addresses), [&](Result<UniqueFd> made) {
    result = std::move(made);
    loop.stop();
  });
  loop.run();
  return result;
}

TEST(Dialer, ConnectsAndSaysWhyNot) {
  auto listening = listen_tcp("127.0.0.1:0");
  ASSERT_TRUE(listening.has_value());
  std::string at = local_address(listening->get());
  auto open = resolve_tcp(*parse_host_port(at, ""));
  ASSERT_TRUE(open.has_value());
  auto made = dial(*open);
  ASSERT_TRUE(made.has_value()) << made.error().message;
  EXPECT_EQ(peer_address(made->get()), at);

  // A port that was just given back: nobody is there. The next address is tried then.
  auto other = listen_tcp("127.0.0.1:0");
  auto closed = resolve_tcp(*parse_host_port(local_address(other->get()), ""));
  other->reset();
  auto refused = dial(*closed);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(refused.error().error_number, ECONNREFUSED);
  auto second = dial({closed->front(), open->front()});
  EXPECT_TRUE(second.has_value());
}

TEST(Dialer, MayBeDestroyedBeforeItIsThrough) {
  auto listening = listen_tcp("127.0.0.1:0");
  auto open = resolve_tcp(*parse_host_port(local_address(listening->get()), ""));
  Loop loop;
  bool called = false;
  {
    Dialer dialer(loop, *open, [&](auto) { called = true; });
  }
  loop.run();
  EXPECT_FALSE(called);
}

TEST(ResolveTcp, UnknownNamesAreUnavailable) {
  auto found = resolve_tcp({"no-such-host.invalid", "3389"});
  ASSERT_FALSE(found.has_value());
  EXPECT_EQ(found.error().code, ErrorCode::kUnavailable);
}

}  // namespace
}  // namespace ts::net
