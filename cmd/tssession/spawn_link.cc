#include "cmd/tssession/spawn_link.h"

#include <algorithm>
#include <utility>

#include "lib/base/log.h"
#include "lib/net/sockets.h"

namespace ts::tssession {
namespace {

// tsspawn starts beside us and is there in an instant, or is being restarted and needs a moment.
constexpr std::chrono::milliseconds kFirstPause{50};
constexpr std::chrono::milliseconds kLongestPause{1000};

}  // namespace

SpawnLink::SpawnLink(net::Loop& loop, std::filesystem::path socket, Handlers handlers)
    : loop_(loop),
      path_(std::move(socket)),
      handlers_(std::move(handlers)),
      retry_(loop, [this] { connect(); }) {}

void SpawnLink::connect() {
  auto fd = net::connect_unix(path_, net::SocketKind::kPacket);
  if (!fd) return lost(fd.error().message);
  socket_ = std::make_unique<net::PacketSocket>(
      loop_, std::move(*fd),
      net::PacketSocket::Handlers{
          .on_packet = [this](ByteView packet, std::vector<UniqueFd>) { receive(packet); },
          .on_close =
              [this](const std::string& reason) {
                socket_.reset();
                auto on_lost = handlers_.on_lost;
                on_lost();
                lost(reason.empty() ? "tsspawn has closed the connection" : reason);
              }});
  handlers_.on_connected();
}

void SpawnLink::lost(const std::string& reason) {
  if (!std::exchange(told_, true))
    log::warning("Waiting for tsspawn, no session can be started until it is there reason=\"{}\"",
                 log::escaped(reason));
  pause_ = std::clamp(pause_ * 2, kFirstPause, kLongestPause);
  retry_.start(pause_);
}

void SpawnLink::receive(ByteView packet) {
  // It talks to us: one that only lets us connect, and closes, has not been reached.
  pause_ = {};
  if (std::exchange(told_, false)) log::info("Reached tsspawn");
  if (auto reply = message_as<session::SpawnReply>(packet)) return handlers_.on_reply(*reply);
  if (auto ended = message_as<session::HostEnded>(packet)) return handlers_.on_ended(*ended);
  log::warning("Ignoring a message of an unknown kind from tsspawn type={:#x}", message_type(packet));
}

template <typename T>
void SpawnLink::send(const T& message) {
  if (socket_ == nullptr) return;
  if (auto sent = socket_->send_message(message); !sent)
    log::warning("A request to tsspawn was lost: {}", sent.error().message);
}

void SpawnLink::start_host(session::SessionId id) {
  session::StartHost message;
  message.session_id = id;
  send(message);
}

void SpawnLink::end_host(session::SessionId id) {
  session::EndHost message;
  message.session_id = id;
  send(message);
}

}  // namespace ts::tssession
