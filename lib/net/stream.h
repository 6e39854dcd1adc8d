// Stream: a connected byte stream (TCP or Unix) with a bounded write queue and descriptor passing.
// Nothing blocks. The owner may destroy the stream from inside any of its callbacks.
#pragma once

#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "lib/base/bytes.h"
#include "lib/base/unique_fd.h"
#include "lib/net/loop.h"

namespace ts::net {

class Stream {
 public:
  struct Handlers {
    /// Bytes as they came; descriptors that came with them (Unix sockets; at most 4 a message, others are
    /// closed).
    std::function<void(ByteView, std::vector<UniqueFd>)> on_data;
    /// The peer closed (empty reason) or the connection broke; nothing follows. Called once, never from
    /// write().
    std::function<void(const std::string& reason)> on_close;
    /// The write queue became empty after a write had to wait.
    std::function<void()> on_drain;
  };

  /// Takes a connected, non-blocking-to-be descriptor and starts reading.
  Stream(Loop& loop, UniqueFd fd, Handlers handlers);

  /// Queues bytes, and a descriptor that travels with the first of them. Refused (kUnavailable) when the
  /// queue would pass `max_pending()`: the peer does not read, and the caller should end the connection.
  Result<> write(ByteView bytes, UniqueFd passed = {});
  /// Bytes not yet taken by the kernel.
  std::size_t pending() const { return pending_; }
  /// What was sent lies with the kernel still: the peer has not read all of it (Unix sockets).
  bool unread() const;
  void set_max_pending(std::size_t bytes) { max_pending_ = bytes; }
  std::size_t max_pending() const { return max_pending_; }

  /// Back-pressure: while paused nothing is read.
  void pause_reading(bool paused);
  /// Ends our direction once what is queued has been written; the peer's bytes still come.
  void shutdown_when_drained();
  int fd() const { return fd_.get(); }
  /// Who sent the bytes that came last; 0 unless ask_for_senders() was called for the descriptor.
  pid_t sender() const { return sender_; }

 private:
  struct Chunk {
    Bytes bytes;
    std::size_t sent = 0;
    UniqueFd passed;
  };
  void on_ready(Poller::Ready ready);
  void flush();
  void update_watch();

  UniqueFd fd_;
  Handlers handlers_;
  std::deque<Chunk> queue_;
  std::size_t pending_ = 0;
  std::size_t max_pending_ = 1 << 20;
  pid_t sender_ = 0;
  bool paused_ = false;
  bool closed_ = false;
  bool waiting_ = false;
  bool shutdown_ = false;
  std::string write_error_;
  Poller poller_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // callbacks look whether they destroyed us

 public:
  ~Stream() { *alive_ = false; }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
};

}  // namespace ts::net
