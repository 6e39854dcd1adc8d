#include "lib/net/packet_socket.h"

#include <cerrno>

#include "lib/base/random.h"
#include "lib/net/sockets.h"

namespace ts::net {

PacketSocket::PacketSocket(Loop& loop, UniqueFd fd, Handlers handlers)
    : fd_(std::move(fd)),
      handlers_(std::move(handlers)),
      poller_(loop, fd_.get(), [this](auto r) { on_ready(r); }) {
  set_nonblocking(fd_.get());
  update_watch();
}

PacketSocket::~PacketSocket() {
  *alive_ = false;
  for (Packet& packet : queue_) wipe(packet.bytes.data(), packet.bytes.size());
}

void PacketSocket::update_watch() {
  poller_.watch(!closed_, !closed_ && (!queue_.empty() || !write_error_.empty()));
}

Result<> PacketSocket::send(ByteView packet, std::vector<UniqueFd> fds) {
  constexpr std::size_t kMaxQueued = 1024;
  if (closed_ || !write_error_.empty()) return fail(ErrorCode::kUnavailable, "the connection is closed");
  if (packet.size() > kMaxPacket) return fail(ErrorCode::kInternal, "packet of {} bytes", packet.size());
  if (queue_.size() >= kMaxQueued) return fail(ErrorCode::kUnavailable, "the peer does not read");
  queue_.push_back({Bytes(packet.begin(), packet.end()), std::move(fds)});
  flush();
  update_watch();
  return {};
}

void PacketSocket::flush() {
  while (!queue_.empty()) {
    Packet& packet = queue_.front();
    auto sent = send_with_fds(fd_.get(), packet.bytes, packet.fds);
    if (!sent) {
      if (sent.error().error_number != EAGAIN) write_error_ = sent.error().message;
      return;
    }
    wipe(packet.bytes.data(), packet.bytes.size());
    queue_.pop_front();
  }
}

void PacketSocket::end(const std::string& reason) {
  closed_ = true;
  update_watch();
  auto callback = handlers_.on_close;
  if (callback) callback(reason);
}

void PacketSocket::on_ready(Poller::Ready ready) {
  auto alive = alive_;
  if (ready.writable && write_error_.empty() && !queue_.empty()) {
    flush();
    if (queue_.empty() && handlers_.on_drain) {
      auto callback = handlers_.on_drain;
      callback();
      if (!*alive) return;
    }
  }
  if (ready.readable) {
    // Everything that waits, so that what the peer said before it went is heard.
    for (int budget = 64; budget > 0; --budget) {
      std::byte buffer[kMaxPacket];
      std::vector<UniqueFd> fds;
      auto got = receive_with_fds(fd_.get(), buffer, fds);
      if (!got && got.error().error_number == EAGAIN) break;
      if (!got) return end(got.error().message);
      if (*got == 0) return end("");
      if (auto callback = handlers_.on_packet) callback({buffer, *got}, std::move(fds));
      wipe(buffer, *got);
      if (!*alive) return;
    }
  }
  if (!write_error_.empty()) return end(write_error_);
  update_watch();
}

}  // namespace ts::net
