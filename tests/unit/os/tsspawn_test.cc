// tsspawn's protocol, spoken to the real program on a runtime folder of the test's own.
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cstring>
#include <fstream>

#include "lib/os/users.h"
#include "lib/session/spawn_messages.h"
#include "tests/unit/os/support.h"

namespace {

using ts::UniqueFd;
using namespace ts::session;

sockaddr_un address_of(const std::filesystem::path& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.string().copy(address.sun_path, sizeof address.sun_path - 1);
  return address;
}

class TsspawnTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::path program = std::filesystem::path(TS_BUILD_DIR) / "libexec" / "tsspawn";
    if (!std::filesystem::exists(program)) GTEST_SKIP() << "tsspawn is not built";
    if (ts::test::is_root() && !ts::os::user_by_name("tssession"))
      GTEST_SKIP() << "no system users (tsctl up)";
    ASSERT_EQ(::chmod(folder_.path().c_str(), 0755), 0);
    auto socket = folder_.path() / "tsspawn.sock";
    listening_.reset(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
    address_ = address_of(socket);
    ASSERT_EQ(::bind(listening_.get(), reinterpret_cast<sockaddr*>(&address_), sizeof address_), 0);
    ASSERT_EQ(::chmod(socket.c_str(), 0666), 0);
    ASSERT_EQ(::listen(listening_.get(), 8), 0);
    log_ = folder_.path() / "log";
    UniqueFd log(::open(log_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    ts::os::Spawn what;
    what.program = program;
    what.arguments = {"--runtime", folder_.path().string(), "--state", folder_.path().string()};
    what.environment = {"PATH=/usr/bin:/bin", "LISTEN_FDS=1", "LISTEN_FDNAMES=tsspawn"};
    what.fds = {{listening_.get(), 3}, {log.get(), 2}};
    what.systemd_listen = true;
    auto pid = ts::os::spawn(what);
    ASSERT_TRUE(pid) << pid.error().message;
    pid_ = *pid;
    // It is up when it answers: what it makes at its start is there, and signals find it prepared.
    auto junk = connect_as("tssession");
    send(junk, 'x');
    expect_closed(junk);
  }
  void TearDown() override {
    if (pid_ < 0) return;
    ::kill(pid_, SIGTERM);
    EXPECT_EQ(ts::test::wait_for(pid_), 0);
  }

  /// Connects as a system user (as root; else as ourselves).
  UniqueFd connect_as(const char* user) {
    UniqueFd fd(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
    auto root = ::geteuid();
    EXPECT_EQ(::seteuid(root == 0 ? ts::os::user_by_name(user)->uid : root), 0);
    EXPECT_EQ(::connect(fd.get(), reinterpret_cast<sockaddr*>(&address_), sizeof address_), 0);
    EXPECT_EQ(::seteuid(root), 0);
    return fd;
  }
  template <typename T>
  void send(const UniqueFd& fd, const T& message) {
    ASSERT_EQ(::send(fd.get(), &message, sizeof message, MSG_NOSIGNAL), static_cast<ssize_t>(sizeof message));
  }
  /// Size of the next packet, within 10 s; 0: closed.
  ssize_t receive(const UniqueFd& fd, ts::Bytes& packet) {
    packet.resize(4096);
    pollfd ready{fd.get(), POLLIN, 0};
    if (::poll(&ready, 1, 10000) != 1) return -1;
    ssize_t size = ::recv(fd.get(), packet.data(), packet.size(), 0);
    // Closed with unread requests of ours shows as a reset.
    if (size < 0 && errno == ECONNRESET) size = 0;
    packet.resize(static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
    return size;
  }
  void expect_closed(const UniqueFd& fd) {
    ts::Bytes packet;
    EXPECT_EQ(receive(fd, packet), 0);
  }
  std::string log_text() {
    UniqueFd fd(::open(log_.c_str(), O_RDONLY | O_CLOEXEC));
    return ts::test::read_to_end(fd.get());
  }

  ts::test::TemporaryFolder folder_;
  std::filesystem::path log_;
  sockaddr_un address_{};
  UniqueFd listening_;
  pid_t pid_ = -1;
};

TEST_F(TsspawnTest, WhatIsNoRequestClosesTheConnectionAndIsLogged) {
  auto unknown = connect_as("tssession");
  send(unknown, std::uint32_t{0x7777});
  expect_closed(unknown);
  auto truncated = connect_as("tssession");
  send(truncated, StartHost::kType);  // without its session id
  expect_closed(truncated);
  auto nothing = connect_as("tssession");
  send(nothing, 'x');
  expect_closed(nothing);
  EXPECT_NE(log_text().find("may not send a message of type 0x7777 and 4 bytes"), std::string::npos);
}

TEST_F(TsspawnTest, EachCallerHasTheirOwnRequestsOnly) {
  if (!ts::test::is_root()) GTEST_SKIP() << "without root there is one caller";
  auto listener = connect_as("tsd");
  send(listener, StartHost{});
  expect_closed(listener);
  auto manager = connect_as("tssession");
  send(manager, StartStack{});
  expect_closed(manager);
  auto stranger = connect_as("nobody");
  expect_closed(stranger);
  auto stack = connect_as("tsstack");
  expect_closed(stack);
  EXPECT_NE(log_text().find("neither tssession nor tsd"), std::string::npos);
}

TEST_F(TsspawnTest, AStackWithoutItsEmptyFolderIsRefusedWithTheReason) {
  // It has made the folder at its start; somebody tidies up.
  ASSERT_TRUE(std::filesystem::remove(folder_.path() / "empty"));
  auto listener = connect_as("tsd");
  send(listener, StartStack{});
  ts::Bytes packet;
  ASSERT_GT(receive(listener, packet), 0);
  auto reply = ts::message_as<SpawnReply>(packet);
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->request, StartStack::kType);
  EXPECT_EQ(reply->error_number, ENOENT);
  EXPECT_NE(reply->message.view().find("empty"), std::string_view::npos);
}

TEST_F(TsspawnTest, AHostThatIsKilledIsReportedWithNothingLeft) {
  if (!std::filesystem::exists(std::filesystem::path(TS_BUILD_DIR) / "libexec" / "tshost")) {
    GTEST_SKIP() << "tshost is not built";
  }
  auto manager = connect_as("tssession");
  StartHost start;
  start.session_id = 42;
  send(manager, start);
  ts::Bytes packet;
  ASSERT_GT(receive(manager, packet), 0);
  auto reply = ts::message_as<SpawnReply>(packet);
  ASSERT_TRUE(reply);
  ASSERT_EQ(reply->error_number, 0) << reply->message.view();
  EXPECT_EQ(reply->session_id, 42U);
  // A second one of the same session is refused.
  send(manager, start);
  ASSERT_GT(receive(manager, packet), 0);
  auto refused = ts::message_as<SpawnReply>(packet);
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->error_number, EEXIST);
  ::kill(reply->pid, SIGKILL);
  ASSERT_GT(receive(manager, packet), 0);
  auto ended = ts::message_as<HostEnded>(packet);
  ASSERT_TRUE(ended);
  EXPECT_EQ(ended->session_id, 42U);
  EXPECT_TRUE(WIFSIGNALED(ended->wait_status));
  std::ifstream children("/proc/" + std::to_string(pid_) + "/task/" + std::to_string(pid_) + "/children");
  std::string child;
  EXPECT_FALSE(children >> child) << "process " << child << " is left";
}

}  // namespace
