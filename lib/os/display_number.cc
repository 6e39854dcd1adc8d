#include "lib/os/display_number.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <utility>

#include "lib/base/random.h"

namespace ts::os {
namespace {

constexpr int kLow = 1000;      // numbers that are tried in order
constexpr int kHigh = 1 << 30;  // the others are below
constexpr int kLots = 1000;     // draws; even if half of all numbers were taken, 20 would do

std::string socket_path(int number) {
  return fmt::format("/tmp/.X11-unix/X{}", number);
}

enum class Kind { kPath, kAbstract };

struct Address {
  sockaddr_un name{};
  socklen_t size = 0;
  const sockaddr* pointer() const { return reinterpret_cast<const sockaddr*>(&name); }
};

Address address(int number, Kind kind) {
  const std::string path = socket_path(number);
  const std::size_t at = kind == Kind::kAbstract ? 1 : 0;  // an abstract name starts with NUL
  Address out;
  out.name.sun_family = AF_UNIX;
  std::memcpy(out.name.sun_path + at, path.data(), path.size());
  out.size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + at + path.size());
  return out;
}

UniqueFd unix_socket() {
  return UniqueFd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
}

/// An empty descriptor: somebody else has it.
Result<UniqueFd> guard(int number) {
  UniqueFd out = unix_socket();
  if (!out) return fail_errno("socket");
  const Address name = address(number, Kind::kAbstract);
  if (::bind(out.get(), name.pointer(), name.size) == 0) return out;
  if (errno == EADDRINUSE) return UniqueFd();
  return fail_errno("reserving a display number");
}

/// Nothing has the path any more, or nothing had. By the holder of the abstract name only.
bool clear_path(int number) {
  const std::string path = socket_path(number);
  struct stat found {};
  if (::lstat(path.c_str(), &found) != 0) return errno == ENOENT;
  if (S_ISSOCK(found.st_mode)) {
    UniqueFd probe = unix_socket();
    const Address name = address(number, Kind::kPath);
    // A full backlog (EAGAIN) has a listener, too.
    if (!probe || ::connect(probe.get(), name.pointer(), name.size) == 0 || errno != ECONNREFUSED)
      return false;
  }
  return ::unlink(path.c_str()) == 0;
}

bool has_lock(int number) {
  // An X server that serves elsewhere (another /tmp/.X11-unix) wants its number, too; whose lock it is and
  // whether its owner lives makes no difference: there are other numbers.
  struct stat found {};
  return ::lstat(fmt::format("/tmp/.X{}-lock", number).c_str(), &found) == 0 || errno != ENOENT;
}

/// An empty descriptor: the path is taken.
Result<UniqueFd> listen_at(int number) {
  UniqueFd out = unix_socket();
  if (!out) return fail_errno("socket");
  const Address name = address(number, Kind::kPath);
  const std::string path = socket_path(number);
  if (::bind(out.get(), name.pointer(), name.size) != 0) {
    if (errno == EADDRINUSE) return UniqueFd();
    return fail_errno(fmt::format("making '{}'", path));
  }
  // Whom the server lets in, the cookie decides.
  if (::chmod(path.c_str(), 0777) == 0 && ::listen(out.get(), SOMAXCONN) == 0) return out;
  auto failed = fail_errno(fmt::format("listening at '{}'", path));
  ::unlink(path.c_str());
  return failed;
}

}  // namespace

Result<DisplayNumber> DisplayNumber::reserve() {
  for (int attempt = 0; attempt < kLow + kLots; ++attempt) {
    int number = attempt;
    if (attempt >= kLow) {
      std::uint32_t lot = 0;
      fill_random(std::as_writable_bytes(std::span(&lot, 1)));
      number = kLow + static_cast<int>(lot % (kHigh - kLow));
    }
    DisplayNumber out;
    TS_TRY_ASSIGN(out.guard_, guard(number));
    if (!out.guard_ || has_lock(number) || !clear_path(number)) continue;
    TS_TRY_ASSIGN(out.listening_, listen_at(number));
    if (!out.listening_) continue;
    out.value_ = number;
    return out;
  }
  return fail(ErrorCode::kUnavailable,
              "no display number is free: see what has taken the names in /tmp/.X11-unix and those of "
              "'ss --unix --all'");
}

void DisplayNumber::clear_after_death(int number) {
  auto held = guard(number);
  if (held && *held) clear_path(number);
}

DisplayNumber& DisplayNumber::operator=(DisplayNumber&& other) noexcept {
  std::swap(value_, other.value_);
  std::swap(guard_, other.guard_);
  std::swap(listening_, other.listening_);
  return *this;
}

DisplayNumber::~DisplayNumber() {
  if (guard_ && value_ >= 0) ::unlink(socket_path(value_).c_str());
}

}  // namespace ts::os
