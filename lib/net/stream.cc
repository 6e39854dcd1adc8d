#include "lib/net/stream.h"

#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <optional>

#include "lib/net/sockets.h"

namespace ts::net {

Stream::Stream(Loop& loop, UniqueFd fd, Handlers handlers)
    : fd_(std::move(fd)),
      handlers_(std::move(handlers)),
      poller_(loop, fd_.get(), [this](auto r) { on_ready(r); }) {
  set_nonblocking(fd_.get());
  update_watch();
}

void Stream::update_watch() {
  // A failed write is told from the loop, never from write(): watching for writability brings us there at
  // once.
  poller_.watch(!closed_ && !paused_, !closed_ && (!queue_.empty() || !write_error_.empty()));
}

Result<> Stream::write(ByteView bytes, UniqueFd passed) {
  if (closed_ || !write_error_.empty()) return fail(ErrorCode::kUnavailable, "the connection is closed");
  if (pending_ + bytes.size() > max_pending_)
    return fail(ErrorCode::kUnavailable, "the peer does not read: {} bytes are waiting", pending_);
  queue_.push_back({Bytes(bytes.begin(), bytes.end()), 0, std::move(passed)});
  pending_ += bytes.size();
  flush();
  if (!queue_.empty()) waiting_ = true;
  update_watch();
  return {};
}

void Stream::flush() {
  while (!queue_.empty()) {
    Chunk& chunk = queue_.front();
    ByteView rest = ByteView(chunk.bytes).subspan(chunk.sent);
    auto sent = send_with_fd(fd_.get(), rest, chunk.passed.get());
    if (!sent) {
      if (sent.error().error_number == EAGAIN) return;
      write_error_ = sent.error().message;
      return;
    }
    chunk.passed.reset();
    chunk.sent += *sent;
    pending_ -= *sent;
    if (chunk.sent == chunk.bytes.size()) queue_.pop_front();
  }
  if (shutdown_) ::shutdown(fd_.get(), SHUT_WR);
}

bool Stream::unread() const {
  int bytes = 0;
  return ::ioctl(fd_.get(), SIOCOUTQ, &bytes) == 0 && bytes > 0;
}

void Stream::shutdown_when_drained() {
  shutdown_ = true;
  if (queue_.empty()) ::shutdown(fd_.get(), SHUT_WR);
}

void Stream::pause_reading(bool paused) {
  paused_ = paused;
  update_watch();
}

void Stream::on_ready(Poller::Ready ready) {
  auto alive = alive_;
  if (ready.writable && write_error_.empty()) {
    flush();
    if (queue_.empty() && waiting_) {
      waiting_ = false;
      if (auto callback = handlers_.on_drain) callback();
      if (!*alive) return;
    }
  }
  std::optional<std::string> ended;
  if (!write_error_.empty()) ended = write_error_;
  if (ready.readable && !paused_ && !closed_ && !ended) {
    std::byte buffer[64 * 1024];
    std::vector<UniqueFd> fds;
    auto got = receive_with_fds(fd_.get(), buffer, fds, &sender_);
    if (!got) {
      if (got.error().error_number != EAGAIN) ended = got.error().message;
    } else if (*got == 0) {
      ended = "";
    } else {
      if (auto callback = handlers_.on_data) callback({buffer, *got}, std::move(fds));
      if (!*alive) return;
    }
  }
  if (ended && !closed_) {
    closed_ = true;
    update_watch();
    if (auto callback = handlers_.on_close) callback(*ended);
    return;
  }
  update_watch();
}

}  // namespace ts::net
