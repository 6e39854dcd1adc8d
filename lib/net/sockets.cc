#include "lib/net/sockets.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "lib/base/log.h"

namespace ts::net {
namespace {

constexpr std::size_t kMaxPassed = 4;

int type_of(SocketKind kind) {
  return (kind == SocketKind::kStream ? SOCK_STREAM : SOCK_SEQPACKET) | SOCK_CLOEXEC;
}

Result<sockaddr_un> unix_address(const std::filesystem::path& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.native().size() > kMaxSocketPath)
    return fail(ErrorCode::kConfig,
                "'{}' is too long for a Unix socket: {} bytes, at most {}; choose a shorter --runtime",
                path.native(), path.native().size(), kMaxSocketPath);
  std::memcpy(address.sun_path, path.c_str(), path.native().size());
  return address;
}

std::string format_address(const sockaddr_storage& address, socklen_t length) {
  if (address.ss_family == AF_UNIX) return "local";
  char host[NI_MAXHOST], port[NI_MAXSERV];
  if (getnameinfo(reinterpret_cast<const sockaddr*>(&address), length, host, sizeof host, port, sizeof port,
                  NI_NUMERICHOST | NI_NUMERICSERV) != 0)
    return "unknown";
  return address.ss_family == AF_INET6 ? fmt::format("[{}]:{}", host, port)
                                       : fmt::format("{}:{}", host, port);
}

}  // namespace

Result<UniqueFd> connect_unix(const std::filesystem::path& path, SocketKind kind) {
  TS_TRY_ASSIGN(auto address, unix_address(path));
  UniqueFd fd(::socket(AF_UNIX, type_of(kind) | SOCK_NONBLOCK, 0));
  if (!fd) return fail_errno("socket");
  if (::connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    int number = errno;
    ErrorCode code = number == ENOENT || number == ECONNREFUSED || number == EAGAIN ? ErrorCode::kUnavailable
                     : number == EACCES || number == EPERM                          ? ErrorCode::kNotPermitted
                                                                                    : ErrorCode::kSystem;
    const char* why = number == EAGAIN ? "too many wait there already" : std::strerror(number);
    return Unexpected(Error{code, fmt::format("cannot reach '{}': {}", path.native(), why), number});
  }
  return fd;
}

Result<UniqueFd> listen_unix(const std::filesystem::path& path, SocketKind kind, unsigned mode) {
  TS_TRY_ASSIGN(auto address, unix_address(path));
  struct stat info;
  if (::lstat(path.c_str(), &info) == 0) {
    if (!S_ISSOCK(info.st_mode))
      return fail(ErrorCode::kRefused, "'{}' exists and is not a socket", path.native());
    // Where too many wait there is somebody whom they wait for.
    auto there = connect_unix(path, kind);
    if (there || there.error().error_number == EAGAIN)
      return fail(ErrorCode::kRefused, "'{}' is served by another process", path.native());
    ::unlink(path.c_str());
  }
  UniqueFd fd(::socket(AF_UNIX, type_of(kind) | SOCK_NONBLOCK, 0));
  if (!fd) return fail_errno("socket");
  if (::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
    return fail_errno(fmt::format("cannot create '{}'", path.native()));
  // Nobody can connect between bind and chmod: that needs listen().
  if (::chmod(path.c_str(), mode) != 0) return fail_errno(fmt::format("chmod '{}'", path.native()));
  if (::listen(fd.get(), SOMAXCONN) != 0) return fail_errno(fmt::format("listen on '{}'", path.native()));
  return fd;
}

Result<UniqueFd> listen_tcp(const std::string& address) {
  auto colon = address.rfind(':');
  if (colon == std::string::npos || colon == 0)
    return fail(ErrorCode::kConfig, "address '{}' is not HOST:PORT", address);
  std::string host = address.substr(0, colon), port = address.substr(colon + 1);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  addrinfo hints{}, *found = nullptr;
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE;
  hints.ai_socktype = SOCK_STREAM;
  if (int status = getaddrinfo(host.c_str(), port.c_str(), &hints, &found); status != 0)
    return fail(ErrorCode::kConfig, "address '{}': {}", address, gai_strerror(status));
  std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> free_found(found, freeaddrinfo);
  UniqueFd fd(::socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) return fail_errno("socket");
  int on = 1;
  ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (found->ai_family == AF_INET6) ::setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  if (::bind(fd.get(), found->ai_addr, found->ai_addrlen) != 0 || ::listen(fd.get(), SOMAXCONN) != 0)
    return fail_errno(fmt::format("cannot listen on '{}'", address));
  return fd;
}

std::string local_address(int fd) {
  sockaddr_storage address{};
  socklen_t length = sizeof address;
  return ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length) == 0
             ? format_address(address, length)
             : "unknown";
}

std::string peer_address(int fd) {
  sockaddr_storage address{};
  socklen_t length = sizeof address;
  return ::getpeername(fd, reinterpret_cast<sockaddr*>(&address), &length) == 0
             ? format_address(address, length)
             : "unknown";
}

std::string network_of(const sockaddr_storage& address) {
  char text[INET6_ADDRSTRLEN] = "";
  if (address.ss_family == AF_INET) {
    ::inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in&>(address).sin_addr, text, sizeof text);
    return text;
  }
  if (address.ss_family != AF_INET6) return "other";
  in6_addr host = reinterpret_cast<const sockaddr_in6&>(address).sin6_addr;
  if (IN6_IS_ADDR_V4MAPPED(&host)) {
    ::inet_ntop(AF_INET, &host.s6_addr[12], text, sizeof text);
    return text;
  }
  std::fill(host.s6_addr + 8, host.s6_addr + 16, std::uint8_t{0});
  ::inet_ntop(AF_INET6, &host, text, sizeof text);
  return fmt::format("{}/64", text);
}

std::string peer_network(int fd) {
  sockaddr_storage address{};
  socklen_t length = sizeof address;
  if (::getpeername(fd, reinterpret_cast<sockaddr*>(&address), &length) != 0) return "unknown";
  return network_of(address);
}

Result<std::pair<UniqueFd, UniqueFd>> socket_pair(SocketKind kind) {
  int fds[2];
  if (::socketpair(AF_UNIX, type_of(kind), 0, fds) != 0) return fail_errno("socketpair");
  return std::pair(UniqueFd(fds[0]), UniqueFd(fds[1]));
}

void set_nonblocking(int fd) {
  int on = 1;
  ::ioctl(fd, FIONBIO, &on);  // not fcntl, which a stack's cage keeps from it: it changes other flags, too
}

Result<std::size_t> send_with_fds(int fd, ByteView bytes, std::span<const UniqueFd> fds) {
  if (fds.size() > kMaxPassed) return fail(ErrorCode::kInternal, "{} descriptors in one message", fds.size());
  iovec vector{const_cast<std::byte*>(bytes.data()), bytes.size()};
  msghdr message{};
  message.msg_iov = &vector;
  message.msg_iovlen = 1;
  alignas(cmsghdr) char control[CMSG_SPACE(kMaxPassed * sizeof(int))] = {};
  if (!fds.empty()) {
    message.msg_control = control;
    message.msg_controllen = CMSG_SPACE(fds.size() * sizeof(int));
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(fds.size() * sizeof(int));
    for (std::size_t i = 0; i < fds.size(); ++i) {
      int value = fds[i].get();
      std::memcpy(CMSG_DATA(header) + i * sizeof(int), &value, sizeof value);
    }
  }
  for (;;) {
    ssize_t sent = ::sendmsg(fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0) return static_cast<std::size_t>(sent);
    if (errno != EINTR) return fail_errno("send");
  }
}

Result<std::size_t> send_with_fd(int fd, ByteView bytes, int passed) {
  if (passed < 0) return send_with_fds(fd, bytes, {});
  UniqueFd borrowed(passed);
  auto sent = send_with_fds(fd, bytes, {&borrowed, 1});
  (void)borrowed.release();
  return sent;
}

Result<std::size_t> receive_with_fds(int fd, std::span<std::byte> buffer, std::vector<UniqueFd>& fds,
                                     pid_t* sender) {
  iovec vector{buffer.data(), buffer.size()};
  alignas(cmsghdr) char control[CMSG_SPACE(kMaxPassed * sizeof(int)) + CMSG_SPACE(sizeof(ucred))];
  msghdr message{};
  ssize_t got;
  do {
    message = {};
    message.msg_iov = &vector;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    got = ::recvmsg(fd, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
  } while (got < 0 && errno == EINTR);
  if (got < 0) return fail_errno("receive");
  for (cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr; header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_level != SOL_SOCKET) continue;
    if (header->cmsg_type == SCM_CREDENTIALS && sender != nullptr) {
      ucred credentials;
      std::memcpy(&credentials, CMSG_DATA(header), sizeof credentials);
      *sender = credentials.pid;
    }
    if (header->cmsg_type != SCM_RIGHTS) continue;
    for (std::size_t i = 0; i < (header->cmsg_len - CMSG_LEN(0)) / sizeof(int); ++i) {
      int value;
      std::memcpy(&value, CMSG_DATA(header) + i * sizeof(int), sizeof value);
      fds.emplace_back(value);
    }
  }
  if ((message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0 || fds.size() > kMaxPassed)
    return fail(ErrorCode::kMalformed, "a message longer than {} bytes or with too many descriptors",
                buffer.size());
  return static_cast<std::size_t>(got);
}

Result<> ask_for_senders(int fd) {
  int on = 1;
  if (::setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof on) != 0) return fail_errno("SO_PASSCRED");
  return {};
}

Acceptor::Acceptor(Loop& loop, UniqueFd listening, Callback callback)
    : fd_(std::move(listening)),
      callback_(std::move(callback)),
      poller_(loop, fd_.get(), [this](Poller::Ready) { on_ready(); }),
      retry_(loop, [this] { poller_.watch(true, false); }) {
  set_nonblocking(fd_.get());
  poller_.watch(true, false);
}

void Acceptor::on_ready() {
  auto alive = alive_;
  // Somebody who connects without end gets no more of the loop than others; what waits is told of again.
  for (int budget = 64; budget > 0; --budget) {
    UniqueFd fd(::accept4(fd_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!fd) {
      if (errno == EINTR || errno == ECONNABORTED) continue;
      if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
        if (!std::exchange(told_, true))
          log::warning("Connections wait to be accepted address={} reason=\"{}\"", local_address(fd_.get()),
                       std::strerror(errno));
        poller_.watch(false, false);
        retry_.start(std::chrono::milliseconds(100));
      }
      return;
    }
    if (std::exchange(told_, false))
      log::info("Connections are accepted again address={}", local_address(fd_.get()));
    auto callback = callback_;
    callback(std::move(fd));
    if (!*alive) return;
  }
}

Result<std::unique_ptr<ExitWatcher>> ExitWatcher::open(Loop& loop, int pid, std::function<void()> callback) {
  UniqueFd pidfd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  if (!pidfd) return fail_errno(fmt::format("pidfd_open {}", pid));
  return std::unique_ptr<ExitWatcher>(new ExitWatcher(loop, std::move(pidfd), std::move(callback)));
}

ExitWatcher::ExitWatcher(Loop& loop, UniqueFd pidfd, std::function<void()> callback)
    : pidfd_(std::move(pidfd)),
      callback_(std::move(callback)),
      poller_(loop, pidfd_.get(), [this](Poller::Ready) {
        poller_.watch(false, false);
        auto callback = callback_;
        callback();
      }) {
  poller_.watch(true, false);
}

}  // namespace ts::net
