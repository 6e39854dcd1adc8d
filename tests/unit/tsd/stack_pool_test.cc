// The waiting stacks, with a tsspawn that is a socket of the test's.
#include "cmd/tsd/stack_pool.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>

#include "lib/net/sockets.h"
#include "lib/session/listener_messages.h"
#include "lib/session/spawn_messages.h"

namespace ts::tsd {
namespace {

using namespace std::chrono_literals;

class StackPoolTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "stack_pool.XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
    auto listening = net::listen_unix(folder_ / "tsspawn.sock", net::SocketKind::kPacket, 0600);
    ASSERT_TRUE(listening);
    listening_ = std::move(*listening);
    acceptor_ = std::make_unique<net::Acceptor>(loop_, std::move(listening_), [this](UniqueFd tsd) {
      tsd_ = std::make_unique<net::PacketSocket>(
          loop_, std::move(tsd),
          net::PacketSocket::Handlers{.on_packet = [this](ByteView packet, auto) { on_request(packet); },
                                      .on_close = [](const std::string&) {}});
    });
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void on_request(ByteView packet) {
    ASSERT_TRUE(message_as<session::StartStack>(packet));
    ++requests_;
    auto ends = net::socket_pair(net::SocketKind::kPacket);
    ASSERT_TRUE(ends);
    session::SpawnReply reply;
    reply.request = session::StartStack::kType;
    reply.pid = 1000 + requests_;
    std::vector<UniqueFd> fds;
    fds.push_back(std::move(ends->first));
    stacks_.push_back(std::move(ends->second));
    ASSERT_TRUE(tsd_->send_message(reply, std::move(fds)));
  }
  /// Until `done`, and in no case for ever.
  void run_until(const std::function<bool()>& done) {
    net::Timer watchdog(loop_, [&] {
      ADD_FAILURE() << "nothing came of it";
      loop_.stop();
    });
    watchdog.start(20s);
    done_ = done;
    if (!done()) loop_.run();
    done_ = nullptr;
  }
  void look() {
    if (done_ && done_()) loop_.stop();
  }

  net::Loop loop_;
  std::filesystem::path folder_;
  UniqueFd listening_;
  std::unique_ptr<net::Acceptor> acceptor_;
  std::unique_ptr<net::PacketSocket> tsd_;
  std::vector<UniqueFd> stacks_;
  int requests_ = 0;
  std::function<bool()> done_;
};

TEST_F(StackPoolTest, EachStackIsToldTheCertificateFirst) {
  StackPool pool(loop_, folder_ / "tsspawn.sock", "the chain", UniqueFd(), [this] { look(); });
  run_until([&] { return pool.full(); });
  ASSERT_EQ(stacks_.size(), 2u);
  for (const auto& stack : stacks_) {
    Bytes packet(4096);
    std::vector<UniqueFd> fds;
    auto size = net::receive_with_fds(stack.get(), packet, fds);
    ASSERT_TRUE(size);
    constexpr std::size_t kHead = sizeof(session::Certificate);
    ASSERT_EQ(*size, kHead + 9);
    auto head = message_as<session::Certificate>(ByteView(packet).first(kHead));
    ASSERT_TRUE(head);
    EXPECT_EQ(head->bytes, 9u);
    EXPECT_EQ(head->key_log, 0u);
    EXPECT_TRUE(fds.empty());
    EXPECT_EQ(std::string(reinterpret_cast<const char*>(packet.data()) + kHead, 9), "the chain");
  }
}

TEST_F(StackPoolTest, TheNextIsStartedWhenTheClientHadItsTime) {
  StackPool pool(loop_, folder_ / "tsspawn.sock", "the chain", UniqueFd(), [this] { look(); });
  run_until([&] { return pool.full(); });
  ASSERT_TRUE(pool.take());
  pool.set_wanted(0);
  auto begun = net::Clock::now();
  run_until([&] { return pool.full(); });
  EXPECT_GE(net::Clock::now() - begun, 100ms) << "while its client waits for its picture";
  EXPECT_EQ(requests_, 3);
  ASSERT_TRUE(pool.take());
  ASSERT_TRUE(pool.take());
  EXPECT_FALSE(pool.take());
  run_until([&] { return pool.full(); });
  EXPECT_EQ(requests_, 5);
}

}  // namespace
}  // namespace ts::tsd
