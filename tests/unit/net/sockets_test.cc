// Streams, packets, descriptors, timers and exits on a real loop.
#include "lib/net/sockets.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <fstream>

#include "lib/net/packet_socket.h"
#include "lib/net/stream.h"

namespace ts::net {
namespace {

using namespace std::chrono_literals;

ByteView bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}
std::string text_of(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

struct Folder {
  std::filesystem::path path;
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "net_test.XXXXXX").string();
    path = ::mkdtemp(pattern.data());
  }
  ~Folder() { std::filesystem::remove_all(path); }
};

// Ends a test that waits for something that never comes.
struct Watchdog {
  bool fired = false;
  Timer timer;
  explicit Watchdog(Loop& loop)
      : timer(loop, [this, &loop] {
          fired = true;
          loop.stop();
        }) {
    timer.start(20s);
  }
};

TEST(Stream, CarriesBytesAndDescriptors) {
  Loop loop;
  Watchdog watchdog(loop);
  auto pair = socket_pair(SocketKind::kStream);
  ASSERT_TRUE(pair);
  int pipe_ends[2];
  ASSERT_EQ(::pipe2(pipe_ends, O_CLOEXEC), 0);
  UniqueFd read_end(pipe_ends[0]), write_end(pipe_ends[1]);
  std::string got;
  std::vector<UniqueFd> fds;
  Stream receiver(loop, std::move(pair->second),
                  {.on_data = [&](ByteView data, std::vector<UniqueFd> passed) {
                    got += text_of(data);
                    for (auto& fd : passed) fds.push_back(std::move(fd));
                    if (got.size() == 5) loop.stop();
                  }});
  Stream sender(loop, std::move(pair->first), {});
  ASSERT_TRUE(sender.write(bytes_of("hello"), std::move(write_end)));
  loop.run();
  EXPECT_EQ(got, "hello");
  ASSERT_EQ(fds.size(), 1u);
  ASSERT_EQ(::write(fds[0].get(), "x", 1), 1);
  EXPECT_NE(::fcntl(fds[0].get(), F_GETFD) & FD_CLOEXEC, 0);
  EXPECT_FALSE(watchdog.fired);
}

TEST(Stream, BoundsItsQueueAndDrains) {
  Loop loop;
  Watchdog watchdog(loop);
  auto pair = socket_pair(SocketKind::kStream);
  std::size_t got = 0, sent = 0;
  bool drained = false;
  Stream receiver(loop, std::move(pair->second),
                  {.on_data = [&](ByteView data, auto) { got += data.size(); }});
  receiver.pause_reading(true);
  Stream sender(loop, std::move(pair->first), {.on_drain = [&] {
                  drained = true;
                  loop.stop();
                }});
  sender.set_max_pending(3'000'000);
  Bytes block(1'000'000);
  while (sender.write(block)) sent += block.size();
  EXPECT_GE(sent, 3'000'000u) << "the kernel's buffer and ours";
  EXPECT_LE(sender.pending(), sender.max_pending());
  receiver.pause_reading(false);
  loop.run();
  EXPECT_TRUE(drained);
  EXPECT_EQ(sender.pending(), 0u);
}

TEST(Stream, OwnerMayGoInsideItsCallback) {
  Loop loop;
  Watchdog watchdog(loop);
  auto pair = socket_pair(SocketKind::kStream);
  std::unique_ptr<Stream> stream;
  bool closed = false;
  Stream peer(loop, std::move(pair->first), {.on_close = [&](const std::string& reason) {
                closed = reason.empty();
                loop.stop();
              }});
  stream = std::make_unique<Stream>(loop, std::move(pair->second),
                                    Stream::Handlers{.on_data = [&](ByteView, auto) { stream.reset(); }});
  ASSERT_TRUE(peer.write(bytes_of("go")));
  loop.run();
  EXPECT_TRUE(closed);
}

TEST(Stream, WriteToAGonePeerIsToldFromTheLoop) {
  Loop loop;
  Watchdog watchdog(loop);
  auto pair = socket_pair(SocketKind::kStream);
  pair->second.reset();
  bool closed = false;
  Stream stream(loop, std::move(pair->first), {.on_close = [&](const std::string&) {
                  closed = true;
                  loop.stop();
                }});
  (void)stream.write(bytes_of("x"));
  EXPECT_FALSE(closed);
  loop.run();
  EXPECT_TRUE(closed);
}

struct Ping {
  static constexpr MessageType kType = 77;
  MessageHeader header{kType};
  std::uint32_t value = 0;
};

TEST(PacketSocket, KeepsMessagesWholeAndInOrder) {
  Loop loop;
  Watchdog watchdog(loop);
  auto pair = socket_pair(SocketKind::kPacket);
  std::vector<std::uint32_t> got;
  PacketSocket receiver(loop, std::move(pair->second), {.on_packet = [&](ByteView packet, auto) {
                          auto ping = message_as<Ping>(packet);
                          ASSERT_TRUE(ping);
                          got.push_back(ping->value);
                          if (got.size() == 900) loop.stop();
                        }});
  PacketSocket sender(loop, std::move(pair->first), {});
  for (std::uint32_t i = 0; i < 900; ++i) ASSERT_TRUE(sender.send_message(Ping{.value = i}));
  loop.run();
  for (std::uint32_t i = 0; i < got.size(); ++i) EXPECT_EQ(got[i], i);
  EXPECT_EQ(got.size(), 900u);
}

TEST(PacketSocket, HearsWhatWasSaidBeforeTheEnd) {
  Loop loop;
  Watchdog watchdog(loop);
  auto pair = socket_pair(SocketKind::kPacket);
  int packets = 0;
  {
    UniqueFd peer = std::move(pair->first);
    Ping ping;
    ASSERT_TRUE(send_with_fds(peer.get(), message_bytes(ping), {}));
    ASSERT_TRUE(send_with_fds(peer.get(), message_bytes(ping), {}));
  }
  PacketSocket receiver(
      loop, std::move(pair->second),
      {.on_packet = [&](ByteView, auto) { ++packets; }, .on_close = [&](auto&) { loop.stop(); }});
  loop.run();
  EXPECT_EQ(packets, 2);
  EXPECT_FALSE(watchdog.fired);
}

TEST(PacketSocket, OversizedPacketEndsIt) {
  Loop loop;
  Watchdog watchdog(loop);
  auto pair = socket_pair(SocketKind::kPacket);
  Bytes large(PacketSocket::kMaxPacket + 1);
  ASSERT_TRUE(send_with_fds(pair->first.get(), large, {}));
  std::string reason;
  PacketSocket receiver(loop, std::move(pair->second),
                        {.on_packet = [&](ByteView, auto) { ADD_FAILURE(); },
                         .on_close =
                             [&](const std::string& why) {
                               reason = why;
                               loop.stop();
                             }});
  loop.run();
  EXPECT_NE(reason.find("longer"), std::string::npos) << reason;
}

TEST(Message, OnlyItsTypeIsAcceptedAndNothingShorter) {
  Ping ping{.value = 5};
  Bytes packet(message_bytes(ping).begin(), message_bytes(ping).end());
  EXPECT_EQ(message_as<Ping>(packet)->value, 5u);
  EXPECT_FALSE(message_as<Ping>(ByteView(packet).first(packet.size() - 1)));
  packet.push_back(std::byte{0});
  EXPECT_TRUE(message_as<Ping>(packet)) << "a newer program may say more";
  packet.pop_back();
  packet[0] = std::byte{78};
  EXPECT_FALSE(message_as<Ping>(packet));
}

TEST(UnixSocket, StaleIsReplacedServedAndForeignAreRefused) {
  Folder folder;
  auto path = folder.path / "s.sock";
  { ASSERT_TRUE(listen_unix(path, SocketKind::kStream, 0600)); }
  auto second = listen_unix(path, SocketKind::kStream, 0640);
  ASSERT_TRUE(second) << second.error().message;
  EXPECT_EQ(std::filesystem::status(path).permissions(), std::filesystem::perms(0640));
  EXPECT_NE(listen_unix(path, SocketKind::kStream, 0600).error().message.find("served"), std::string::npos);
  std::ofstream(folder.path / "file") << "precious";
  EXPECT_NE(listen_unix(folder.path / "file", SocketKind::kStream, 0600).error().message.find("not a socket"),
            std::string::npos);
  EXPECT_TRUE(std::filesystem::exists(folder.path / "file"));
  std::filesystem::path deep = folder.path / std::string(120, 'x');
  EXPECT_EQ(listen_unix(deep, SocketKind::kStream, 0600).error().code, ErrorCode::kConfig);
  EXPECT_EQ(connect_unix(folder.path / "nobody", SocketKind::kStream).error().code, ErrorCode::kUnavailable);
}

/// A service that accepts nothing, or is kept from it, must not hold up whoever asks.
TEST(UnixSocket, ConnectingDoesNotWaitForRoomInTheQueue) {
  Folder folder;
  auto path = folder.path / "full.sock";
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strcpy(address.sun_path, path.c_str());
  UniqueFd listening(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  ASSERT_EQ(::bind(listening.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(::listen(listening.get(), 1), 0);
  ::alarm(20);  // what waits here waits for ever
  std::vector<UniqueFd> waiting;
  Result<UniqueFd> one = connect_unix(path, SocketKind::kStream);
  for (; one && waiting.size() < 10; one = connect_unix(path, SocketKind::kStream))
    waiting.push_back(std::move(*one));
  ::alarm(0);
  ASSERT_FALSE(one);
  EXPECT_EQ(one.error().code, ErrorCode::kUnavailable);
  EXPECT_NE(one.error().message.find("too many wait there"), std::string::npos) << one.error().message;
  auto second = listen_unix(path, SocketKind::kStream, 0600);
  ASSERT_FALSE(second) << "it is served";
  EXPECT_NE(second.error().message.find("served"), std::string::npos);
}

TEST(UnixSocket, TellsWhichProcessSentWhatCame) {
  auto pair = socket_pair(SocketKind::kStream);
  ASSERT_TRUE(pair);
  ASSERT_TRUE(ask_for_senders(pair->first.get()));
  pid_t child = ::fork();
  if (child == 0) ::_exit(::write(pair->second.get(), "x", 1) == 1 ? 0 : 1);
  ASSERT_EQ(::waitpid(child, nullptr, 0), child);
  std::byte buffer[16];
  std::vector<UniqueFd> none;
  pid_t sender = 0;
  EXPECT_EQ(receive_with_fds(pair->first.get(), buffer, none, &sender).value_or(0), 1u);
  EXPECT_EQ(sender, child);
  ASSERT_EQ(::write(pair->second.get(), "y", 1), 1);
  EXPECT_EQ(receive_with_fds(pair->first.get(), buffer, none, &sender).value_or(0), 1u);
  EXPECT_EQ(sender, ::getpid()) << "whoever holds the socket now";
}

TEST(UnixSocket, MoreDescriptorsThanFourAreRefused) {
  auto pair = socket_pair(SocketKind::kPacket);
  ASSERT_TRUE(pair);
  alignas(cmsghdr) char control[CMSG_SPACE(5 * sizeof(int))] = {};
  char byte = 'x';
  iovec vector{&byte, 1};
  msghdr message{
      .msg_iov = &vector, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  cmsghdr* header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(5 * sizeof(int));
  for (std::size_t i = 0; i < 5; ++i) {
    int fd = pair->first.get();
    std::memcpy(CMSG_DATA(header) + i * sizeof fd, &fd, sizeof fd);
  }
  ASSERT_EQ(::sendmsg(pair->first.get(), &message, 0), 1);
  std::byte buffer[16];
  std::vector<UniqueFd> fds;
  EXPECT_FALSE(receive_with_fds(pair->second.get(), buffer, fds));
}

std::string network(const char* text) {
  sockaddr_storage address{};
  if (auto& v4 = reinterpret_cast<sockaddr_in&>(address); ::inet_pton(AF_INET, text, &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    v4.sin_port = 1234;
  } else if (auto& v6 = reinterpret_cast<sockaddr_in6&>(address);
             ::inet_pton(AF_INET6, text, &v6.sin6_addr) == 1) {
    v6.sin6_family = AF_INET6;
    v6.sin6_port = 1234;
  }
  return network_of(address);
}

TEST(TcpSocket, AnAddressBelongsToWhoeverCanChooseIt) {
  EXPECT_EQ(network("192.0.2.7"), "192.0.2.7");
  EXPECT_NE(network("192.0.2.7"), network("192.0.2.8"));
  EXPECT_EQ(network("::ffff:192.0.2.7"), "192.0.2.7");
  EXPECT_EQ(network("2001:db8:1:2::1"), "2001:db8:1:2::/64");
  EXPECT_EQ(network("2001:db8:1:2:ffff:ffff:ffff:ffff"), "2001:db8:1:2::/64");
  EXPECT_NE(network("2001:db8:1:3::1"), "2001:db8:1:2::/64");
}

TEST(TcpSocket, AddressesAreParsedAndPrinted) {
  auto any = listen_tcp("127.0.0.1:0");
  ASSERT_TRUE(any);
  std::string address = local_address(any->get());
  EXPECT_EQ(address.rfind("127.0.0.1:", 0), 0u);
  EXPECT_FALSE(listen_tcp(address)) << "taken";
  EXPECT_FALSE(listen_tcp("localhost"));
  EXPECT_FALSE(listen_tcp("not-numeric.example:1"));
  EXPECT_FALSE(listen_tcp(":3389"));
}

TEST(Acceptor, TakesAllThatWait) {
  Loop loop;
  Watchdog watchdog(loop);
  auto listening = listen_tcp("127.0.0.1:0");
  std::string address = local_address(listening->get());
  Folder folder;
  auto unix_listening = listen_unix(folder.path / "a.sock", SocketKind::kPacket, 0600);
  int accepted = 0;
  Acceptor acceptor(loop, std::move(*unix_listening), [&](UniqueFd) {
    if (++accepted == 3) loop.stop();
  });
  std::vector<UniqueFd> clients;
  for (int i = 0; i < 3; ++i)
    clients.push_back(std::move(*connect_unix(folder.path / "a.sock", SocketKind::kPacket)));
  loop.run();
  EXPECT_EQ(accepted, 3);
}

TEST(ExitWatcher, TellsWhenAChildEnds) {
  Loop loop;
  Watchdog watchdog(loop);
  pid_t pid = ::fork();
  if (pid == 0) ::_exit(7);
  auto watcher = ExitWatcher::open(loop, pid, [&] { loop.stop(); });
  ASSERT_TRUE(watcher);
  loop.run();
  int status = 0;
  ASSERT_EQ(::waitpid(pid, &status, 0), pid);
  EXPECT_EQ(WEXITSTATUS(status), 7);
  EXPECT_FALSE(watchdog.fired);
}

TEST(Timer, FiresOnceAndMayDestroyItself) {
  Loop loop;
  Watchdog watchdog(loop);
  int fired = 0;
  std::unique_ptr<Timer> timer;
  timer = std::make_unique<Timer>(loop, [&] {
    ++fired;
    timer.reset();
    loop.stop();
  });
  timer->start(1ms);
  EXPECT_TRUE(timer->active());
  loop.run();
  EXPECT_EQ(fired, 1);
}

}  // namespace
}  // namespace ts::net
