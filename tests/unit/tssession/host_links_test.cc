// Hosts that do not read what they are told.
#include "cmd/tssession/host_links.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>

#include "lib/net/sockets.h"

namespace ts::tssession {
namespace {

constexpr session::SessionId kSession = 7;

class HostLinksTest : public testing::Test {
 protected:
  void SetUp() override {
    HostLinks::Handlers handlers;
    handlers.on_state = [this](const session::HostState&) { ++announced_; };
    handlers.on_gone = [this](session::SessionId) { ++gone_; };
    links_ = std::make_unique<HostLinks>(
        loop_, net::listen_unix(folder_ / "s", net::SocketKind::kPacket, 0600).value(), ::geteuid(),
        std::move(handlers));
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  UniqueFd host() {
    auto fd = net::connect_unix(folder_ / "s", net::SocketKind::kPacket).value();
    session::HostState state;
    state.session_id = kSession;
    EXPECT_TRUE(net::send_with_fds(fd.get(), message_bytes(state), {}));
    return fd;
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

  static std::filesystem::path made_folder() {
    std::string pattern = testing::TempDir() + "hosts-XXXXXX";
    return ::mkdtemp(pattern.data());
  }

  std::filesystem::path folder_ = made_folder();
  net::Loop loop_;
  int announced_ = 0, gone_ = 0;
  std::unique_ptr<HostLinks> links_;
};

TEST_F(HostLinksTest, OneThatDoesNotReadIsLostAndComesBackKnown) {
  auto first = host();
  until([&] { return announced_ == 1; });
  session::DetachStack message;
  while (links_->send(kSession, message)) {
  }
  links_->lose(kSession);
  EXPECT_EQ(gone_, 1);
  EXPECT_FALSE(links_->send(kSession, message));
  auto again = host();
  until([&] { return announced_ == 2; });
  EXPECT_TRUE(links_->send(kSession, message));
  links_->lose(kSession + 1);
  EXPECT_EQ(gone_, 1);
}

}  // namespace
}  // namespace ts::tssession
