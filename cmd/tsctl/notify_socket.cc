#include "cmd/tsctl/notify_socket.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <cstddef>
#include <cstring>
#include <optional>

#include "lib/os/service.h"

namespace ts::tsctl {
namespace {

struct Datagram {
  std::string text;
  pid_t sender = 0;
};

/// Nothing when no datagram waits.
std::optional<Datagram> receive(int fd) {
  std::array<char, 512> buffer{};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(ucred))> control{};
  iovec vector{buffer.data(), buffer.size()};
  msghdr message{};
  message.msg_iov = &vector;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  ssize_t got = ::recvmsg(fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  if (got < 0) return std::nullopt;
  Datagram out{std::string(buffer.data(), static_cast<std::size_t>(got)), 0};
  cmsghdr* header = CMSG_FIRSTHDR(&message);
  if (header && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_CREDENTIALS) {
    ucred credentials{};
    std::memcpy(&credentials, CMSG_DATA(header), sizeof credentials);
    out.sender = credentials.pid;
  }
  return out;
}

bool says(const std::string& text, const char* line) {
  return ("\n" + text + "\n").find(fmt::format("\n{}\n", line)) != std::string::npos;
}

}  // namespace

Result<std::unique_ptr<NotifySocket>> NotifySocket::open(net::Loop& loop, Handlers handlers) {
  UniqueFd fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) return fail_errno("socket");
  int on = 1;
  if (::setsockopt(fd.get(), SOL_SOCKET, SO_PASSCRED, &on, sizeof on) != 0) return fail_errno("SO_PASSCRED");
  // An address that is the family alone makes the kernel choose a free abstract name: unix(7), autobind.
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  socklen_t size = sizeof(sa_family_t);
  if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), size) != 0) return fail_errno("bind");
  size = sizeof address;
  if (::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0)
    return fail_errno("getsockname");
  std::string name(address.sun_path + 1, size - offsetof(sockaddr_un, sun_path) - 1);
  return std::unique_ptr<NotifySocket>(
      new NotifySocket(loop, std::move(fd), "@" + name, std::move(handlers)));
}

NotifySocket::NotifySocket(net::Loop& loop, UniqueFd fd, std::string address, Handlers handlers)
    : fd_(std::move(fd)),
      address_(std::move(address)),
      handlers_(std::move(handlers)),
      poller_(loop, fd_.get(), [this](net::Poller::Ready) { on_readable(); }) {
  poller_.watch(true, false);
}

void NotifySocket::on_readable() {
  auto handlers = handlers_;
  while (auto datagram = receive(fd_.get())) {
    if (says(datagram->text, "READY=1")) handlers.on_ready(datagram->sender);
    if (says(datagram->text, os::kStopMessage)) handlers.on_stop(datagram->sender);
  }
}

}  // namespace ts::tsctl
