// The blocking client, and how both clients take what a service should not say.
#include <poll.h>
#include <sys/socket.h>

#include <future>
#include <thread>

#include "tests/unit/varlink/service_fixture.h"

namespace ts::varlink {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;
using namespace std::string_literals;

class ClientTest : public ServiceTest {
 protected:
  /// The blocking client runs in a thread of its own while the loop serves here.
  void with_client(const std::function<void(Client&)>& body) {
    bool done = false;
    std::thread thread([&] {
      auto client = Client::connect(socket());
      ASSERT_TRUE(client) << client.error().message;
      EXPECT_TRUE(client->expect(kTestDefinition));
      body(*client);
      __atomic_store_n(&done, true, __ATOMIC_SEQ_CST);
    });
    run_until([&] { return __atomic_load_n(&done, __ATOMIC_SEQ_CST); });
    thread.join();
  }
};

TEST_F(ClientTest, CallsAndReleases) {
  with_client([](Client& client) {
    auto reply = client.call("test.Echo.Echo", {{"text", "x"}}, 5s);
    ASSERT_TRUE(reply) << reply.error().message;
    EXPECT_EQ(reply->parameters->at("text"), "x");
    auto sad = client.call("test.Echo.Fails", json::object(), 5s);
    ASSERT_TRUE(sad);
    EXPECT_EQ(sad->error, "test.Echo.Sad");
    auto given = client.call("test.Echo.Descriptor", {{"n", 1}}, 5s);
    ASSERT_TRUE(given);
    EXPECT_EQ(given->fds.size(), 1U);
    auto big = client.call("test.Echo.Big", {{"size", 60000}}, 5s);
    ASSERT_TRUE(big) << big.error().message;
    auto fd = client.release();
    ASSERT_TRUE(fd);
    EXPECT_TRUE(*fd);
    EXPECT_FALSE(client.call("test.Echo.Echo", {{"text", "x"}}, 5s));
    Client again(std::move(*fd));
    EXPECT_TRUE(again.call("test.Echo.Echo", {{"text", "x"}}, 5s));
  });
}

TEST_F(ClientTest, TakesAllRepliesOfACallWithMore) {
  with_client([](Client& client) {
    std::vector<int> numbers;
    auto note = [&](const Reply& reply) -> Result<> {
      numbers.push_back(reply.parameters->at("n"));
      return {};
    };
    ASSERT_TRUE(client.call_more("test.Echo.Count", {{"to", 300}}, 5s, note));
    ASSERT_EQ(numbers.size(), 300U);
    EXPECT_EQ(numbers.back(), 300);
    EXPECT_TRUE(client.call("test.Echo.Echo", {{"text", "still good"}}, 5s));
    auto refused = client.call_more("test.Echo.Count", {{"to", 3}}, 5s, [](const Reply&) -> Result<> {
      return fail(ErrorCode::kRefused, "enough");
    });
    EXPECT_EQ(refused.error().message, "enough");
  });
}

TEST_F(ClientTest, RepliesComeWhenTheyCome) {
  with_client([](Client& client) {
    ASSERT_TRUE(client.start("test.Echo.Count", {{"to", 2}}, 5s));
    int last = 0;
    while (last != 2) {
      auto reply = client.next_reply();
      ASSERT_TRUE(reply) << reply.error().message;
      if (*reply) last = (*reply)->parameters->at("n");
      pollfd waiting{client.fd(), POLLIN, 0};
      if (!*reply) {
        ASSERT_EQ(::poll(&waiting, 1, 5000), 1);
      }
    }
    auto none = client.next_reply();
    ASSERT_TRUE(none);
    EXPECT_FALSE(*none);
  });
}

TEST_F(ClientTest, TimesOut) {
  with_client([](Client& client) {
    auto reply = client.call("test.Echo.Later", json::object(), 50ms);
    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.error().code, ErrorCode::kTimedOut);
  });
}

TEST_F(ClientTest, SaysThatTheServiceEndedTheConnection) {
  with_client([](Client& client) {
    auto reply = client.call("test.Echo.Broken", json::object(), 5s);
    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.error().code, ErrorCode::kUnavailable);
  });
}

TEST(Client, MapsErrorsOfConnecting) {
  auto nobody = Client::connect("/tmp/varlink-test-nobody-is-here");
  ASSERT_FALSE(nobody);
  EXPECT_EQ(nobody.error().code, ErrorCode::kUnavailable);
}

/// What a service that misbehaves says to a call.
Result<Reply> told(std::string_view bytes) {
  auto ends = net::socket_pair(net::SocketKind::kStream).value();
  (void)net::send_with_fd(ends.second.get(), std::as_bytes(std::span(bytes.data(), bytes.size())), -1);
  ::shutdown(ends.second.get(), SHUT_WR);
  Client client(std::move(ends.first));
  EXPECT_TRUE(client.expect(kTestDefinition));
  return client.call("test.Echo.Echo", {{"text", "x"}}, 5s);
}

TEST(Client, ChecksWhatItIsTold) {
  EXPECT_TRUE(told("{\"parameters\":{\"text\":\"y\"}}\0"s));
  EXPECT_EQ(told("{\"parameters\":{\"text\":1}}\0"s).error().code, ErrorCode::kMalformed);
  EXPECT_EQ(told("{}\0"s).error().code, ErrorCode::kMalformed);
  EXPECT_EQ(told("{\"parameters\":{\"text\":\"y\"},\"other\":1}\0"s).error().code, ErrorCode::kMalformed);
  EXPECT_EQ(told("{\"error\":\"test.Echo.Unheard\"}\0"s).error().code, ErrorCode::kMalformed);
  EXPECT_EQ(told("{\"error\":\"test.Echo.Sad\",\"parameters\":{}}\0"s).error().code, ErrorCode::kMalformed);
  EXPECT_TRUE(
      told("{\"error\":\"org.varlink.service.MethodNotFound\",\"parameters\":{\"method\":\"x\"}}\0"s));
  EXPECT_EQ(told("noise\0"s).error().code, ErrorCode::kMalformed);
  EXPECT_EQ(told("").error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(told("{\"parameters\"").error().code, ErrorCode::kUnavailable);
}

TEST(Client, ReleasesOnlyWhenNothingIsLeft) {
  auto ends = net::socket_pair(net::SocketKind::kStream).value();
  std::string bytes = "{\"parameters\":{\"text\":\"y\"}}\0{\"more\""s;
  ASSERT_TRUE(net::send_with_fd(ends.second.get(), std::as_bytes(std::span(bytes.data(), bytes.size())), -1));
  Client client(std::move(ends.first));
  ASSERT_TRUE(client.call("test.Echo.Echo", {{"text", "x"}}, 5s));
  EXPECT_FALSE(client.release());
}

TEST(Reply, BecomesOneOfOurErrors) {
  auto error = [](std::string name, json parameters) {
    return Reply{std::move(name), std::make_shared<const json>(std::move(parameters))}.as_error();
  };
  EXPECT_EQ(error("ts.Session.NotPermitted", {{"message", "no"}}).code, ErrorCode::kNotPermitted);
  EXPECT_EQ(error("ts.Session.NoSuchSession", {{"id", 5}}).code, ErrorCode::kNotFound);
  EXPECT_EQ(error("ts.Session.NoSuchSession", {{"id", 5}}).message, "ts.Session.NoSuchSession {\"id\":5}");
  EXPECT_EQ(error("org.varlink.service.MethodNotFound", json::object()).code, ErrorCode::kInternal);
  EXPECT_EQ(error("plain", json::object()).message, "plain");
}

TEST_F(ServiceTest, AsyncClientReleasesItsSocket) {
  auto caller = client();
  ASSERT_TRUE(caller->call("test.Echo.Later", json::object(), AsyncClient::Mode::kOnce, [](Reply) {}));
  EXPECT_FALSE(caller->release()) << "a call waits";
  run_until([&] { return kept_.size() == 1; });
  ASSERT_TRUE(kept_[0]->reply({{"n", 1}}));
  std::optional<UniqueFd> fd;
  run_until([&] {
    if (auto released = caller->release()) fd = std::move(*released);
    return fd.has_value();
  });
  EXPECT_FALSE(caller->call("test.Echo.Echo", {{"text", "x"}}, AsyncClient::Mode::kOnce, {}));
  AsyncClient next(loop_, std::move(*fd), {});
  EXPECT_TRUE(ask(next, "test.Echo.Echo", {{"text", "handed on"}}).ok());
  EXPECT_EQ(closed_, 0) << "the connection was the same all the time";
}

/// However many others wait there: somebody listens, and takes one after the other.
TEST_F(ServiceTest, TheBlockingClientWaitsUntilItsTurn) {
  service_.reset();
  const auto path = folder_ / "full";
  auto listening = net::listen_unix(path, net::SocketKind::kStream, 0600).value();
  ASSERT_EQ(::listen(listening.get(), 0), 0);
  std::vector<UniqueFd> others, taken;
  for (auto one = net::connect_unix(path, net::SocketKind::kStream); one;
       one = net::connect_unix(path, net::SocketKind::kStream))
    others.push_back(std::move(*one));
  auto connected = std::async(std::launch::async, [&] { return Client::connect(path).has_value(); });
  if (connected.wait_for(100ms) != std::future_status::ready) {
    for (std::size_t i = 0; i < others.size(); ++i)
      taken.emplace_back(::accept(listening.get(), nullptr, nullptr));
  }
  EXPECT_TRUE(connected.get());
}

TEST_F(ServiceTest, AsyncClientMayGoInItsOwnCallback) {
  auto caller = client();
  bool called = false;
  ASSERT_TRUE(caller->call("test.Echo.Count", {{"to", 9}}, AsyncClient::Mode::kMore, [&](Reply) {
    caller.reset();
    called = true;
  }));
  run_until([&] { return called && closed_ == 1; });
}

TEST_F(ServiceTest, AsyncClientEndsOnWhatNobodyAskedFor) {
  auto ends = net::socket_pair(net::SocketKind::kStream).value();
  std::string reason;
  AsyncClient caller(loop_, std::move(ends.first), [&](const std::string& why) { reason = why; });
  std::string bytes = "{\"parameters\":{}}\0"s;
  ASSERT_TRUE(net::send_with_fd(ends.second.get(), std::as_bytes(std::span(bytes.data(), bytes.size())), -1));
  run_until([&] { return !reason.empty(); });
  EXPECT_EQ(reason, "a reply that no call waits for");
}

}  // namespace
}  // namespace ts::varlink
