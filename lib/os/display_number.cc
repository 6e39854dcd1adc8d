#include "lib/display/display_number.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

namespace ts::display {
namespace {

std::string socket_path(int number) {
  return fmt::format("/tmp/.X11-unix/X{}", number);
}

std::pair<sockaddr_un, socklen_t> address(const std::string& path, bool abstract) {
  sockaddr_un out{};
  out.sun_family = AF_UNIX;
  const std::size_t at = abstract ? 1 : 0;  // an abstract name starts with NUL
  std::memcpy(out.sun_path + at, path.data(), path.size());
  return {out, static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + at + path.size())};
}

UniqueFd unix_socket() {
  return UniqueFd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
}

/// Nobody serves it, and what a dead server left there is gone.
bool clear(int number) {
  // A server that keeps a lock but serves elsewhere (another /tmp/.X11-unix) wants its number, too.
  if (::access(fmt::format("/tmp/.X{}-lock", number).c_str(), F_OK) == 0) return false;
  const std::string path = socket_path(number);
  if (::access(path.c_str(), F_OK) != 0) return errno == ENOENT;
  auto [name, size] = address(path, false);
  UniqueFd probe = unix_socket();
  if (!probe || ::connect(probe.get(), reinterpret_cast<const sockaddr*>(&name), size) == 0) return false;
  return errno == ECONNREFUSED && ::unlink(path.c_str()) == 0;
}

}  // namespace

Result<DisplayNumber> DisplayNumber::reserve() {
  constexpr int kMost = 10000;
  for (int number = 0; number < kMost; ++number) {
    UniqueFd guard = unix_socket();
    if (!guard) return fail_errno("socket");
    auto [name, size] = address(socket_path(number), true);
    if (::bind(guard.get(), reinterpret_cast<const sockaddr*>(&name), size) != 0) {
      if (errno == EADDRINUSE) continue;
      return fail_errno("reserving a display number");
    }
    if (clear(number)) return DisplayNumber(number, std::move(guard));
  }
  return fail(ErrorCode::kUnavailable, "all {} display numbers are taken", kMost);
}

DisplayNumber& DisplayNumber::operator=(DisplayNumber&& other) noexcept {
  std::swap(value_, other.value_);
  std::swap(guard_, other.guard_);
  return *this;
}

DisplayNumber::~DisplayNumber() {
  if (guard_) ::unlink(socket_path(value_).c_str());
}

}  // namespace ts::display
