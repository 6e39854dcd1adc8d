// Callers of ts.Session: real connections to a service whose methods are the test's.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <vector>

#include "lib/net/sockets.h"
#include "lib/varlink/client.h"
#include "lib/varlink/service.h"
#include "ts_session_varlink.h"

namespace ts::tssession {

class Callers : public testing::Test {
 protected:
  void serve(varlink::Service::Handlers handlers) {
    auto added = service_.add_interface(varlink::k_ts_session, std::move(handlers));
    ASSERT_TRUE(added) << added.error().message;
  }

  /// One more caller that has called; it hangs up when the client is let go of.
  std::unique_ptr<varlink::AsyncClient> caller(std::string_view method, const nlohmann::json& parameters) {
    auto ends = net::socket_pair(net::SocketKind::kStream).value();
    service_.serve(std::move(ends.first));
    auto client = std::make_unique<varlink::AsyncClient>(loop_, std::move(ends.second),
                                                         varlink::AsyncClient::OnClosed());
    EXPECT_TRUE(client->call(method, parameters, varlink::AsyncClient::Mode::kOnce,
                             [this](const varlink::Reply&) { ++answers_; }));
    return client;
  }

  void until(const std::function<bool()>& done) {
    bool late = false;
    net::Timer limit(loop_, [&] { late = true, loop_.stop(); });
    limit.start(std::chrono::seconds(20));
    net::Timer turn(loop_, [&] { loop_.stop(); });
    while (!done() && !late) {
      turn.start(std::chrono::milliseconds(1));
      loop_.run();
    }
    ASSERT_FALSE(late) << "waited in vain";
  }

  /// All that have hung up are known to have.
  void until_connected(std::size_t connections) {
    until([&] { return service_.connections() == connections; });
  }

  net::Loop loop_;
  varlink::Service service_{loop_, {"vendor", "product", "1", "url"}};
  int answers_ = 0;
};

}  // namespace ts::tssession
