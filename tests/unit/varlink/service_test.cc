// The service and the asynchronous client over real sockets.
#include <poll.h>

#include <algorithm>
#include <array>

#include "tests/unit/varlink/service_fixture.h"

namespace ts::varlink {
namespace {

using nlohmann::json;
using namespace std::string_literals;

TEST_F(ServiceTest, AnswersCalls) {
  auto caller = client();
  auto reply = ask(*caller, "test.Echo.Echo", {{"text", "grüße \u0001"}});
  EXPECT_TRUE(reply.ok());
  EXPECT_EQ(*reply.parameters, json({{"text", "grüße \u0001"}}));
}

TEST_F(ServiceTest, DescribesItself) {
  auto caller = client();
  auto info = ask(*caller, "org.varlink.service.GetInfo", json::object());
  EXPECT_EQ(info.parameters->at("vendor"), "vendor");
  EXPECT_EQ(info.parameters->at("interfaces"), json({"org.varlink.service", "test.Echo"}));
  auto text = ask(*caller, "org.varlink.service.GetInterfaceDescription", {{"interface", "test.Echo"}});
  EXPECT_EQ(text.parameters->at("description"), kTestDefinition);
  auto none = ask(*caller, "org.varlink.service.GetInterfaceDescription", {{"interface", "no.such"}});
  EXPECT_EQ(none.error, "org.varlink.service.InterfaceNotFound");
  EXPECT_EQ(none.parameters->at("interface"), "no.such");
}

TEST_F(ServiceTest, RefusesWhatIsNotDefined) {
  auto caller = client();
  struct Case {
    const char* method;
    json parameters;
    const char* error;
    json says;
  };
  const Case cases[] = {
      {"no.such.Method", json::object(), "InterfaceNotFound", {{"interface", "no.such"}}},
      {"nodot", json::object(), "InterfaceNotFound", {{"interface", ""}}},
      {"test.Echo.Nope", json::object(), "MethodNotFound", {{"method", "test.Echo.Nope"}}},
      {"test.Echo.Absent", json::object(), "MethodNotImplemented", {{"method", "test.Echo.Absent"}}},
      {"test.Echo.Drop", json::object(), "MethodNotImplemented", {{"method", "test.Echo.Drop"}}},
      {"test.Echo.Echo", json::object(), "InvalidParameter", {{"parameter", "text"}}},
      {"test.Echo.Echo", {{"text", 1}}, "InvalidParameter", {{"parameter", "text"}}},
      {"test.Echo.Echo", {{"text", "x"}, {"more", true}}, "InvalidParameter", {{"parameter", "more"}}},
  };
  for (const auto& one : cases) {
    auto reply = ask(*caller, one.method, one.parameters);
    EXPECT_EQ(reply.error, "org.varlink.service."s + one.error) << one.method;
    EXPECT_EQ(*reply.parameters, one.says) << one.method;
  }
  EXPECT_TRUE(ask(*caller, "test.Echo.Echo", {{"text", "still here"}}).ok());
}

TEST_F(ServiceTest, PassesErrorsOn) {
  auto caller = client();
  auto reply = ask(*caller, "test.Echo.Fails", json::object());
  EXPECT_EQ(reply.error, "test.Echo.Sad");
  EXPECT_EQ(reply.error_name(), "Sad");
  EXPECT_EQ(reply.as_error().message, "not today");
  EXPECT_EQ(reply.as_error().code, ErrorCode::kRefused);
}

TEST_F(ServiceTest, ContinuesOnlyForMore) {
  auto caller = client();
  std::vector<int> numbers;
  bool last = false;
  ASSERT_TRUE(caller->call("test.Echo.Count", {{"to", 3}}, AsyncClient::Mode::kMore, [&](Reply reply) {
    numbers.push_back(reply.parameters->at("n"));
    last = !reply.continues;
  }));
  run_until([&] { return last; });
  EXPECT_EQ(numbers, (std::vector<int>{1, 2, 3}));
  auto once = ask(*caller, "test.Echo.Count", {{"to", 3}});
  EXPECT_EQ(once.parameters->at("n"), 3);
}

TEST_F(ServiceTest, AnswersNothingToOneway) {
  auto caller = client();
  for (const char* method : {"test.Echo.Echo", "test.Echo.Drop", "test.Echo.Nope", "no.such.Thing"})
    ASSERT_TRUE(caller->call(method, {{"text", "x"}}, AsyncClient::Mode::kOneway, {}));
  EXPECT_EQ(ask(*caller, "test.Echo.Echo", {{"text", "after"}}).parameters->at("text"), "after");
}

TEST_F(ServiceTest, AnswersLaterAndInOrder) {
  auto caller = client();
  std::vector<std::string> order;
  auto note = [&](const char* what) { return [&order, what](Reply) { order.emplace_back(what); }; };
  ASSERT_TRUE(caller->call("test.Echo.Later", json::object(), AsyncClient::Mode::kOnce, note("later")));
  ASSERT_TRUE(caller->call("test.Echo.Echo", {{"text", "x"}}, AsyncClient::Mode::kOnce, note("echo")));
  run_until([&] { return kept_.size() == 1; });
  EXPECT_TRUE(order.empty());
  EXPECT_TRUE(kept_[0]->open());
  ASSERT_TRUE(kept_[0]->reply({{"n", 1}}));
  EXPECT_FALSE(kept_[0]->open());
  EXPECT_FALSE(kept_[0]->reply({{"n", 2}})) << "answered twice";
  run_until([&] { return order.size() == 2; });
  EXPECT_EQ(order, (std::vector<std::string>{"later", "echo"}));
}

TEST_F(ServiceTest, KnowsThatACallerIsGone) {
  auto caller = client();
  ASSERT_TRUE(caller->call("test.Echo.Later", json::object(), AsyncClient::Mode::kOnce, {}));
  run_until([&] { return kept_.size() == 1; });
  EXPECT_EQ(kept_[0]->peer().uid, ::getuid());
  EXPECT_EQ(kept_[0]->peer().pid, ::getpid());
  caller.reset();
  run_until([&] { return closed_ == 1; });
  EXPECT_FALSE(kept_[0]->open());
  EXPECT_EQ(kept_[0]->connection(), nullptr);
  EXPECT_EQ(kept_[0]->reply({{"n", 1}}).error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(service_->connections(), 0U);
}

TEST_F(ServiceTest, OutlivedByItsCalls) {
  auto caller = client();
  ASSERT_TRUE(caller->call("test.Echo.Later", json::object(), AsyncClient::Mode::kOnce, {}));
  run_until([&] { return kept_.size() == 1; });
  service_.reset();
  EXPECT_FALSE(kept_[0]->open());
  EXPECT_FALSE(kept_[0]->reply({{"n", 1}}));
}

TEST_F(ServiceTest, CloseSendsWhatWasAnsweredFirst) {
  bool gone = false;
  auto caller = client([&](const std::string&) { gone = true; });
  int n = 0;
  ASSERT_TRUE(caller->call("test.Echo.Later", json::object(), AsyncClient::Mode::kOnce,
                           [&](Reply reply) { n = reply.parameters->at("n"); }));
  run_until([&] { return kept_.size() == 1; });
  auto connection = kept_[0]->connection();
  ASSERT_TRUE(kept_[0]->reply({{"n", 7}}));
  connection->close();
  EXPECT_FALSE(connection->open());
  run_until([&] { return gone; });
  EXPECT_EQ(n, 7);
  EXPECT_EQ(closed_, 1);
}

TEST_F(ServiceTest, PassesADescriptorWithEachReply) {
  auto caller = client();
  std::vector<Reply> replies;
  ASSERT_TRUE(caller->call("test.Echo.Descriptor", {{"n", 5}}, AsyncClient::Mode::kMore,
                           [&](Reply reply) { replies.push_back(std::move(reply)); }));
  run_until([&] { return replies.size() == 2; });
  ASSERT_EQ(replies[0].fds.size(), 1U);
  ASSERT_EQ(replies[1].fds.size(), 1U);
  int n = 0;
  std::vector<UniqueFd> none;
  ASSERT_TRUE(net::receive_with_fds(replies[0].fds[0].get(), std::as_writable_bytes(std::span(&n, 1)), none));
  EXPECT_EQ(n, 5);
}

/// Those on their way count against what all of the service may send.
TEST_F(ServiceTest, SendsNoDescriptorWhileTheLastOneIsNotTaken) {
  constexpr std::size_t kCalls = 20;
  auto caller = connect();
  std::string calls;
  for (std::size_t i = 0; i < kCalls; ++i)
    calls += R"({"method":"test.Echo.Descriptor","parameters":{"n":1}})" + "\0"s;
  ASSERT_EQ(::write(caller.get(), calls.data(), calls.size()), static_cast<ssize_t>(calls.size()));
  auto other = client();
  std::size_t answers = 0, descriptors = 0;
  while (answers < kCalls) {
    std::array<std::byte, 4096> buffer;
    std::vector<UniqueFd> fds;
    run_until([&] {
      pollfd ready{caller.get(), POLLIN, 0};
      return ::poll(&ready, 1, 0) == 1;
    });
    // The service has turned to others meanwhile.
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(ask(*other, "test.Echo.Echo", {{"text", "x"}}).ok());
    auto got = net::receive_with_fds(caller.get(), buffer, fds);
    ASSERT_TRUE(got && *got > 0);
    EXPECT_EQ(std::count(buffer.begin(), buffer.begin() + *got, std::byte{0}), 1);
    ++answers;
    descriptors += fds.size();
    pollfd more{caller.get(), POLLIN, 0};
    ASSERT_EQ(::poll(&more, 1, 0), 0) << "a second one was on its way";
  }
  EXPECT_EQ(descriptors, kCalls);
}

TEST_F(ServiceTest, ABrokenAnswerEndsTheConnection) {
  bool gone = false;
  auto caller = client([&](const std::string&) { gone = true; });
  ASSERT_TRUE(caller->call("test.Echo.Broken", json::object(), AsyncClient::Mode::kOnce, {}));
  run_until([&] { return gone; });
  EXPECT_EQ(closed_, 1);
}

TEST_F(ServiceTest, EndsConnectionsThatBreakTheRules) {
  const std::string cases[] = {
      "\0"s,
      "garbage\0"s,
      "[]\0"s,
      "{}\0"s,
      "{\"method\":1}\0"s,
      "{\"method\":\"a.B\",\"parameters\":[]}\0"s,
      "{\"method\":\"a.B\",\"extra\":1}\0"s,
      "{\"method\":\"a.B\",\"more\":1}\0"s,
      "{\"method\":\"a.B\",\"upgrade\":true}\0"s,
      "{\"method\":\"a.B\",\"more\":true,\"oneway\":true}\0"s,
      "{\"method\":\"a.B\",\"parameters\":" + std::string(17, '[') + "\0"s,
      "{\"method\":\"" + std::string(5000, 'a') + "\"}\0"s,
      std::string(64 * 1024 + 1, ' '),
      std::string(1 << 20, 'x'),
  };
  int expected = 0;
  for (const auto& bytes : cases) {
    EXPECT_TRUE(ends_connection(bytes)) << bytes.substr(0, 60);
    run_until([&] { return closed_ == expected + 1; });
    ++expected;
  }
  auto caller = client();
  EXPECT_TRUE(ask(*caller, "test.Echo.Echo", {{"text", "others do not notice"}}).ok());
}

TEST_F(ServiceTest, TakesTheLargestFrameAndNoLarger) {
  auto caller = client();
  auto call = [](std::size_t padding) {
    return "{\"method\":\"org.varlink.service.GetInfo\"" + std::string(padding, ' ') + "}\0"s;
  };
  std::size_t empty = call(0).size() - 1;
  bool answered = false;
  net::Stream stream(loop_, connect(), {.on_data = [&](ByteView, auto) { answered = true; }, .on_close = {}});
  std::string largest = call(64 * 1024 - empty);
  ASSERT_TRUE(stream.write(std::as_bytes(std::span(largest.data(), largest.size()))));
  run_until([&] { return answered; });
  EXPECT_TRUE(ends_connection(call(64 * 1024 - empty + 1)));
}

TEST_F(ServiceTest, EndsWhoSendsAheadWithoutEnd) {
  std::string flood = "{\"method\":\"test.Echo.Later\"}\0"s;
  while (flood.size() < 200 * 1024)
    flood += "{\"method\":\"test.Echo.Echo\",\"parameters\":{\"text\":\"x\"}}\0"s;
  EXPECT_TRUE(ends_connection(flood));
}

TEST_F(ServiceTest, EndsWhoSendsTinyFramesAheadOfAnAnswer) {
  // A call that nobody answers yet, and then what is small to send and not to keep: far below the limit in
  // bytes.
  const std::string later = "{\"method\":\"test.Echo.Later\"}\0"s;
  std::string tiny;
  while (tiny.size() < 3 * 3000) tiny += "{}\0"s;
  EXPECT_TRUE(ends_connection(later + tiny));
  EXPECT_TRUE(ends_connection(later + std::string(1 << 20, '\0')));
}

TEST_F(ServiceTest, ASlowReaderWaitsAlone) {
  // 60 answers of 60 KiB to somebody who does not read: no more are made than the sockets hold.
  UniqueFd slow = connect();
  std::string calls;
  for (int i = 0; i < 60; ++i) calls += "{\"method\":\"test.Echo.Big\",\"parameters\":{\"size\":60000}}\0"s;
  ASSERT_TRUE(net::send_with_fd(slow.get(), std::as_bytes(std::span(calls.data(), calls.size())), -1));
  auto other = client();
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(ask(*other, "test.Echo.Echo", {{"text", "quick"}}).ok());
  EXPECT_EQ(closed_, 0);
  // Once it reads, it gets all of them.
  std::size_t frames = 0;
  net::Stream reader(
      loop_, std::move(slow),
      {.on_data = [&](ByteView bytes,
                      auto) { frames += std::count(bytes.begin(), bytes.end(), std::byte{0}); },
       .on_close = {}});
  run_until([&] { return frames == 60; });
}

TEST_F(ServiceTest, EndsWhoDoesNotReadAStream) {
  UniqueFd slow = connect();
  std::string call = "{\"method\":\"test.Echo.Count\",\"more\":true,\"parameters\":{\"to\":200000}}\0"s;
  ASSERT_TRUE(net::send_with_fd(slow.get(), std::as_bytes(std::span(call.data(), call.size())), -1));
  run_until([&] { return closed_ == 1; });
}

TEST_F(ServiceTest, LimitsStrangersConnections) {
  ServiceLimits limits;
  limits.connections_per_uid = 3;
  limits.trusted_uids = {static_cast<uid_t>(-1)};
  make_service(limits);
  std::vector<std::unique_ptr<AsyncClient>> clients;
  int refused = 0;
  for (int i = 0; i < 4; ++i) clients.push_back(client([&](const std::string&) { ++refused; }));
  run_until([&] { return refused == 1; });
  EXPECT_EQ(service_->connections(), 3U);
  clients[0].reset();
  run_until([&] { return closed_ == 1; });
  auto next = client();
  EXPECT_TRUE(ask(*next, "test.Echo.Echo", {{"text", "room again"}}).ok());
}

TEST_F(ServiceTest, ManyConnectionsAtOnce) {
  std::vector<std::unique_ptr<AsyncClient>> clients;
  std::size_t answers = 0;
  for (int i = 0; i < 200; ++i) {
    clients.push_back(client());
    ASSERT_TRUE(clients.back()->call(
        "test.Echo.Echo", {{"text", std::to_string(i)}}, AsyncClient::Mode::kOnce,
        [&, i](Reply reply) { answers += reply.parameters->at("text") == std::to_string(i) ? 1 : 0; }));
  }
  run_until([&] { return answers == 200; });
  EXPECT_EQ(service_->connections(), 200U);
  clients.clear();
  run_until([&] { return service_->connections() == 0; });
}

TEST_F(ServiceTest, RefusesHandlersForNothing) {
  EXPECT_FALSE(service_->add_interface("interface a.b\nmethod M() -> ()", {{"N", [](auto) {}}}));
  EXPECT_FALSE(service_->add_interface(kTestDefinition, {})) << "served already";
  EXPECT_FALSE(service_->add_interface("interface", {}));
}

}  // namespace
}  // namespace ts::varlink
