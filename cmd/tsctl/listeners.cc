#include "cmd/tsctl/listeners.h"

#include <algorithm>
#include <array>
#include <cerrno>

#include "lib/net/sockets.h"

namespace ts::tsctl {
namespace {

/// The failure of one TCP listener as a sentence with what to do.
Error tcp_problem(const std::string& address, const Error& error) {
  auto colon = address.rfind(':');
  std::string host = address.substr(0, colon), port = address.substr(colon + 1);
  constexpr std::string_view kOther = "choose another with --set 'listener.address=[HOST:PORT]'";
  switch (error.error_number) {
    case EADDRINUSE:
      return {ErrorCode::kRefused,
              fmt::format("port {} on {} is in use by another program; choose another with "
                          "--set 'listener.address=[{}:{}]'",
                          port, host, host, port == "3390" ? "3391" : "3390")};
    case EADDRNOTAVAIL:
      return {ErrorCode::kRefused, fmt::format("{} is not an address of this host; {}", host, kOther)};
    case EACCES:
      return {ErrorCode::kNotPermitted, fmt::format("port {} is for root; {}", port, kOther)};
    default:
      return error.with_context(fmt::format("listener.address '{}'", address));
  }
}

}  // namespace

Result<> check_socket_paths(const Layout& layout) {
  for (const auto& path : {layout.session_socket(), layout.hosts_socket(), layout.spawn_socket()}) {
    if (path.native().size() <= net::kMaxSocketPath) continue;
    return fail(
        ErrorCode::kConfig,
        "the runtime folder '{}' is too long: '{}' would have {} bytes and a Unix socket's path may have {}; "
        "choose a shorter --runtime",
        layout.runtime.native(), path.native(), path.native().size(), net::kMaxSocketPath);
  }
  return {};
}

Result<std::vector<ListeningSocket>> open_listeners(const Layout& layout,
                                                    const std::vector<std::string>& addresses,
                                                    UniqueFd spawn) {
  std::vector<ListeningSocket> out;
  for (const auto& address : addresses) {
    auto fd = net::listen_tcp(address);
    if (!fd) return tl::unexpected(tcp_problem(address, fd.error()));
    out.push_back({"rdp", std::move(*fd)});
  }
  using net::SocketKind;
  // Who may ask for what is decided by the servers, by the caller's uid; hosts are root's or our own.
  TS_TRY_ASSIGN(auto sessions, net::listen_unix(layout.session_socket(), SocketKind::kStream, 0666));
  TS_TRY_ASSIGN(auto hosts, net::listen_unix(layout.hosts_socket(), SocketKind::kPacket, 0600));
  if (!spawn) {
    TS_TRY_ASSIGN(spawn, net::listen_unix(layout.spawn_socket(), SocketKind::kPacket, 0666));
  }
  out.push_back({"tssession", std::move(sessions)});
  out.push_back({"hosts", std::move(hosts)});
  out.push_back({"tsspawn", std::move(spawn)});
  return out;
}

std::string dialled_address(const std::vector<ListeningSocket>& sockets) {
  auto first =
      std::find_if(sockets.begin(), sockets.end(), [](const auto& socket) { return socket.name == "rdp"; });
  return first == sockets.end() ? "" : as_dialled(net::local_address(first->fd.get()));
}

std::string as_dialled(const std::string& address) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 2> kAny{
      {{"0.0.0.0:", "127.0.0.1:"}, {"[::]:", "[::1]:"}}};
  for (auto [any, local] : kAny) {
    if (address.starts_with(any)) return std::string(local) + address.substr(any.size());
  }
  return address;
}

}  // namespace ts::tsctl
