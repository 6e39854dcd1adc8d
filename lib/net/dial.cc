#include "lib/net/dial.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <cstring>

namespace ts::net {
namespace {

bool is_port(const std::string& text) {
  return !text.empty() && text.size() <= 5 &&
         std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; }) && std::stoi(text) > 0 &&
         std::stoi(text) <= 65535;
}

Error unreachable(int number) {
  return {ErrorCode::kUnavailable, std::strerror(number), number};
}

}  // namespace

Result<HostPort> parse_host_port(const std::string& text, const std::string& default_port) {
  HostPort out{text, default_port};
  if (auto colon = text.rfind(':'); text.starts_with('[')) {
    auto end = text.find(']');
    if (end == text.npos || (end + 1 != text.size() && text[end + 1] != ':'))
      return fail(ErrorCode::kUsage, "'{}' is not [ADDRESS]:PORT", text);
    out.host = text.substr(1, end - 1);
    if (end + 1 < text.size()) out.port = text.substr(end + 2);
  } else if (colon != text.npos && text.find(':') == colon) {
    out.host = text.substr(0, colon);
    out.port = text.substr(colon + 1);
  }
  if (out.host.empty()) return fail(ErrorCode::kUsage, "'{}' names no host", text);
  if (!is_port(out.port)) return fail(ErrorCode::kUsage, "'{}' is not a port: 1 to 65535", out.port);
  return out;
}

Result<std::vector<TcpAddress>> resolve_tcp(const HostPort& server) {
  addrinfo hints{}, *found = nullptr;
  hints.ai_flags = AI_NUMERICSERV;
  hints.ai_socktype = SOCK_STREAM;
  if (int status = ::getaddrinfo(server.host.c_str(), server.port.c_str(), &hints, &found); status != 0) {
    return fail(ErrorCode::kUnavailable, "there is no address for '{}': {}", server.host,
                gai_strerror(status));
  }
  std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> free_found(found, freeaddrinfo);
  std::vector<TcpAddress> out;
  for (const addrinfo* entry = found; entry != nullptr; entry = entry->ai_next) {
    TcpAddress address;
    std::memcpy(&address.storage, entry->ai_addr, entry->ai_addrlen);
    address.length = entry->ai_addrlen;
    out.push_back(address);
  }
  return out;
}

Dialer::Dialer(Loop& loop, std::vector<TcpAddress> addresses, Callback callback)
    : loop_(loop),
      addresses_(std::move(addresses)),
      callback_(std::move(callback)),
      soon_(loop, [this] { try_next(); }) {
  assert(!addresses_.empty());
  soon_.start(std::chrono::milliseconds(0));
}

void Dialer::try_next() {
  poller_.reset();
  fd_.reset();
  if (next_ == addresses_.size()) return finish(Unexpected(last_error_));
  const TcpAddress& address = addresses_[next_++];
  fd_.reset(::socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd_) {
    last_error_ = unreachable(errno);
    return soon_.start(std::chrono::milliseconds(0));
  }
  int on = 1;
  ::setsockopt(fd_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (::connect(fd_.get(), reinterpret_cast<const sockaddr*>(&address.storage), address.length) != 0 &&
      errno != EINPROGRESS) {
    last_error_ = unreachable(errno);
    return soon_.start(std::chrono::milliseconds(0));
  }
  poller_ = std::make_unique<Poller>(loop_, fd_.get(), [this](Poller::Ready) { on_ready(); });
  poller_->watch(false, true);
}

void Dialer::on_ready() {
  int number = 0;
  socklen_t size = sizeof number;
  if (::getsockopt(fd_.get(), SOL_SOCKET, SO_ERROR, &number, &size) != 0) number = errno;
  poller_->watch(false, false);
  if (number == 0) {
    poller_.reset();  // a watcher may be destroyed from inside its own callback
    return finish(std::move(fd_));
  }
  last_error_ = unreachable(number);
  soon_.start(std::chrono::milliseconds(0));
}

void Dialer::finish(Result<UniqueFd> result) {
  auto callback = std::move(callback_);
  callback(std::move(result));  // may destroy us
}

}  // namespace ts::net
