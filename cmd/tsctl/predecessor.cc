#include "cmd/tsctl/predecessor.h"

#include <fcntl.h>
#include <poll.h>

#include <array>
#include <cerrno>

#include "lib/base/log.h"
#include "lib/net/sockets.h"
#include "lib/session/spawn_messages.h"

namespace ts::tsctl {
namespace {

constexpr int kAnswerTime = 5000;  // milliseconds

Error left_alone(const Layout& layout, std::string_view why) {
  return {
      ErrorCode::kRefused,
      fmt::format("the tsspawn that a killed 'tsctl up' left on '{}' {}; end it, which ends its sessions, or "
                  "choose another folder with --runtime",
                  layout.runtime.native(), why)};
}

}  // namespace

Result<Predecessor> take_over(const Layout& layout, int output) {
  auto socket = net::connect_unix(layout.spawn_socket(), net::SocketKind::kPacket);
  if (!socket) {
    const int number = socket.error().error_number;
    if (number == ENOENT || number == ECONNREFUSED) return Predecessor();
    return pass(socket.error());
  }
  TS_TRY(net::ask_for_senders(socket->get()));
  TS_TRY(net::send_with_fd(socket->get(), message_bytes(session::TakeOver{}), output));
  pollfd answer{socket->get(), POLLIN, 0};
  if (::poll(&answer, 1, kAnswerTime) <= 0) return tl::unexpected(left_alone(layout, "does not answer"));
  std::array<std::byte, 4096> buffer{};  // a newer one may say more
  std::vector<UniqueFd> fds;
  Predecessor found;
  TS_TRY_ASSIGN(auto size, net::receive_with_fds(socket->get(), buffer, fds, &found.spawner));
  auto reply = message_as<session::SpawnReply>(std::span(buffer).first(size));
  if (!reply || reply->request != session::TakeOver::kType || fds.size() != 1 || found.spawner <= 0)
    return tl::unexpected(left_alone(layout, "is of another version and cannot be taken over"));
  found.listening = std::move(fds[0]);
  log::info("Taking over tsspawn and its sessions from a 'tsctl up' that was killed pid={}", found.spawner);
  return found;
}

}  // namespace ts::tsctl
