// Making, connecting and passing sockets: thin, non-blocking where it can wait, close-on-exec always.
#pragma once

#include <sys/socket.h>
#include <sys/types.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "lib/base/bytes.h"
#include "lib/base/unique_fd.h"
#include "lib/net/loop.h"

namespace ts::net {

enum class SocketKind { kStream, kPacket };  // SOCK_STREAM, SOCK_SEQPACKET

/// The longest path a Unix socket can have, in bytes (sun_path without its NUL).
constexpr std::size_t kMaxSocketPath = 107;

/// Never waits: kUnavailable also when more wait to be accepted there than the socket holds (EAGAIN).
Result<UniqueFd> connect_unix(const std::filesystem::path& path, SocketKind kind);

/// Binds and listens with the given mode. A stale socket (nobody answers) is replaced; anything else there,
/// or a socket somebody serves, is refused by name.
Result<UniqueFd> listen_unix(const std::filesystem::path& path, SocketKind kind, unsigned mode);

/// `address` is "HOST:PORT" with a numeric host, "[v6]:PORT" for IPv6; port 0 lets the kernel choose.
Result<UniqueFd> listen_tcp(const std::string& address);

/// "HOST:PORT" of a socket's own end or of its peer; "local" for a Unix socket.
std::string local_address(int fd);
std::string peer_address(int fd);
/// Whom an address belongs to, as far as it tells: an IPv4 address itself, also one mapped into IPv6; of an
/// IPv6 address the /64, which one host has as its own.
std::string network_of(const sockaddr_storage& address);
std::string peer_network(int fd);

Result<std::pair<UniqueFd, UniqueFd>> socket_pair(SocketKind kind);
void set_nonblocking(int fd);

/// One send; at most 4 descriptors, borrowed. error_number EAGAIN: try when writable. Never raises SIGPIPE.
Result<std::size_t> send_with_fds(int fd, ByteView bytes, std::span<const UniqueFd> fds);
Result<std::size_t> send_with_fd(int fd, ByteView bytes, int passed);
/// One receive; 0 is the end. Descriptors arrive close-on-exec; a cut packet or cut descriptors are an error.
/// `sender` becomes the process that sent it, as the kernel knows it, where ask_for_senders() was called.
Result<std::size_t> receive_with_fds(int fd, std::span<std::byte> buffer, std::vector<UniqueFd>& fds,
                                     pid_t* sender = nullptr);
/// From now on this Unix socket tells with what it receives who sent it (SO_PASSCRED).
Result<> ask_for_senders(int fd);

/// Accepts connections on a listening socket, all that wait at each wake-up.
class Acceptor {
 public:
  using Callback = std::function<void(UniqueFd)>;

  Acceptor(Loop& loop, UniqueFd listening, Callback callback);
  ~Acceptor() { *alive_ = false; }
  /// While paused the kernel's backlog holds new connections.
  void pause(bool paused) { poller_.watch(!paused, false); }
  int fd() const { return fd_.get(); }

 private:
  void on_ready();

  UniqueFd fd_;
  Callback callback_;
  Poller poller_;
  Timer retry_;  // after EMFILE: accepting again at once would spin
  bool told_ = false;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

/// Tells when a process ends, through its pidfd; the caller reaps it with waitpid.
class ExitWatcher {
 public:
  static Result<std::unique_ptr<ExitWatcher>> open(Loop& loop, int pid, std::function<void()> callback);

 private:
  ExitWatcher(Loop& loop, UniqueFd pidfd, std::function<void()> callback);

  UniqueFd pidfd_;
  std::function<void()> callback_;
  Poller poller_;
};

}  // namespace ts::net
