#include "lib/os/service.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <charconv>
#include <cstdlib>
#include <cstring>
#include <string_view>

namespace ts::os {
namespace {

constexpr int kFirstListenFd = 3;  // sd_listen_fds(3): SD_LISTEN_FDS_START

long number_in(const char* variable) {
  const char* text = std::getenv(variable);
  if (!text) return -1;
  long value = -1;
  auto [end, error] = std::from_chars(text, text + std::strlen(text), value);
  return error == std::errc() && *end == 0 ? value : -1;
}

}  // namespace

std::vector<ListenFd> take_listen_fds() {
  std::vector<ListenFd> out;
  long count = number_in("LISTEN_FDS");
  if (number_in("LISTEN_PID") == ::getpid() && count > 0 && count < 1024) {
    const char* variable = std::getenv("LISTEN_FDNAMES");
    std::string_view names = variable ? variable : "";
    for (int fd = kFirstListenFd; fd < kFirstListenFd + count; ++fd) {
      auto colon = names.find(':');
      std::string name(names.substr(0, colon));
      names = colon == std::string_view::npos ? std::string_view() : names.substr(colon + 1);
      if (::fcntl(fd, F_SETFD, FD_CLOEXEC) != 0) continue;
      out.push_back({name.empty() ? "unknown" : name, UniqueFd(fd)});
    }
  }
  ::unsetenv("LISTEN_PID");
  ::unsetenv("LISTEN_FDS");
  ::unsetenv("LISTEN_FDNAMES");
  return out;
}

namespace {

void notify(std::string_view message) {
  const char* path = std::getenv("NOTIFY_SOCKET");
  sockaddr_un address{};
  if (!path || std::strlen(path) >= sizeof address.sun_path || std::strlen(path) < 2) return;
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path, std::strlen(path));
  auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + std::strlen(path));
  if (address.sun_path[0] == '@') address.sun_path[0] = 0;  // abstract
  UniqueFd fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!fd) return;
  (void)!::sendto(fd.get(), message.data(), message.size(), MSG_NOSIGNAL,
                  reinterpret_cast<const sockaddr*>(&address), size);
}

}  // namespace

void notify_ready() {
  notify("READY=1");
}

bool supervisor_stops() {
  return std::getenv(kStopsVariable) != nullptr;
}

void notify_stop() {
  notify(kStopMessage);
}

}  // namespace ts::os
