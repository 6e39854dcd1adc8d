// A service on a real socket, in a loop that a test runs until what it waits for has happened.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>

#include "lib/net/sockets.h"
#include "lib/varlink/client.h"
#include "lib/varlink/service.h"

namespace ts::varlink {

inline constexpr std::string_view kTestDefinition =
    "interface test.Echo\n"
    "method Echo(text: string) -> (text: string)\n"
    "method Later() -> (n: int)\n"
    "method Count(to: int) -> (n: int)\n"
    "method Descriptor(n: int) -> (n: int)\n"
    "method Broken() -> (n: int)\n"
    "method Absent() -> ()\n"
    "method Drop() -> ()\n"
    "method Big(size: int) -> (text: string)\n"
    "method Fails() -> ()\n"
    "error Sad (message: string)\n";

class ServiceTest : public testing::Test {
 protected:
  void SetUp() override {
    char pattern[] = "/tmp/varlink-test-XXXXXX";
    folder_ = ::mkdtemp(pattern);
    make_service({});
  }
  void TearDown() override {
    kept_.clear();
    service_.reset();
    std::filesystem::remove_all(folder_);
  }

  void make_service(ServiceLimits limits) {
    service_.reset();
    service_ = std::make_unique<Service>(loop_, ServiceInfo{"vendor", "product", "1", "url"}, limits);
    auto added = service_->add_interface(
        kTestDefinition,
        {{"Echo",
          [](auto call) {
            (void)call->reply({{"text", call->parameters().at("text")}});
          }},
         {"Later", [this](auto call) { kept_.push_back(call); }},
         {"Count",
          [](auto call) {
            int to = call->parameters().at("to");
            for (int i = 1; i < to; ++i) (void)call->reply_continues({{"n", i}});
            (void)call->reply({{"n", to}});
          }},
         {"Descriptor",
          [](auto call) {
            auto ends = net::socket_pair(net::SocketKind::kPacket).value();
            int n = call->parameters().at("n");
            (void)net::send_with_fd(ends.first.get(), std::as_bytes(std::span(&n, 1)), -1);
            auto give = call->more()
                            ? &Call::reply_continues
                            : static_cast<Result<> (Call::*)(const nlohmann::json&, UniqueFd)>(&Call::reply);
            (void)((*call).*give)({{"n", n}}, std::move(ends.second));
            if (call->more()) {
              auto more = net::socket_pair(net::SocketKind::kPacket).value();
              (void)call->reply({{"n", n + 1}}, std::move(more.second));
            }
          }},
         {"Broken",
          [](auto call) {
            (void)call->reply({{"n", "no number"}});
          }},
         {"Drop", [](auto) {}},
         {"Big",
          [](auto call) {
            (void)call->reply(
                {{"text", std::string(call->parameters().at("size").template get<std::size_t>(), 'x')}});
          }},
         {"Fails", [](auto call) {
            (void)call->error("Sad", {{"message", "not today"}});
          }}});
    ASSERT_TRUE(added) << added.error().message;
    service_->set_on_closed([this](Connection&) { ++closed_; });
    service_->listen(net::listen_unix(socket(), net::SocketKind::kStream, 0600).value());
  }

  std::filesystem::path socket() const { return folder_ / "s"; }
  UniqueFd connect() { return net::connect_unix(socket(), net::SocketKind::kStream).value(); }
  std::unique_ptr<AsyncClient> client(AsyncClient::OnClosed on_closed = {}) {
    return std::make_unique<AsyncClient>(loop_, connect(), std::move(on_closed));
  }

  /// Runs the loop until `done` holds; a test that waits in vain fails after 10 s.
  void run_until(const std::function<bool()>& done) {
    bool late = false;
    net::Timer limit(loop_, [&] {
      late = true;
      loop_.stop();
    });
    limit.start(std::chrono::seconds(10));
    // Looked at after every turn of the loop.
    net::Timer* again = nullptr;
    net::Timer check(loop_, [&] {
      if (done()) return loop_.stop();
      again->start(std::chrono::milliseconds(1));
    });
    again = &check;
    check.start(std::chrono::milliseconds(0));
    loop_.run();
    ASSERT_FALSE(late) << "waited in vain";
  }

  /// One call and its answer.
  Reply ask(AsyncClient& from, std::string_view method, const nlohmann::json& parameters) {
    std::optional<Reply> got;
    EXPECT_TRUE(from.call(method, parameters, AsyncClient::Mode::kOnce,
                          [&](Reply reply) { got = std::move(reply); }));
    run_until([&] { return got.has_value(); });
    return got ? std::move(*got) : Reply{"none", std::make_shared<nlohmann::json>(nlohmann::json::object())};
  }

  /// Sends bytes as they are; true when the service ends the connection for it.
  bool ends_connection(std::string_view bytes) {
    bool ended = false;
    net::Stream stream(loop_, connect(),
                       {.on_data = {}, .on_close = [&](const std::string&) { ended = true; }});
    stream.set_max_pending(1 << 22);
    EXPECT_TRUE(stream.write(std::as_bytes(std::span(bytes.data(), bytes.size()))));
    run_until([&] { return ended; });
    return ended;
  }

  net::Loop loop_;
  std::filesystem::path folder_;
  std::vector<std::shared_ptr<Call>> kept_;
  std::unique_ptr<Service> service_;
  int closed_ = 0;
};

}  // namespace ts::varlink
