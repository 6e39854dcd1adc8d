// PacketSocket: messages with descriptors over a connected SOCK_SEQPACKET Unix socket (libuv's own pipes
// cannot pass these). A packet is sent whole or queued; nothing blocks. What it has sent or handed over it
// wipes: it may have been a password. The owner may destroy the socket from inside any of its callbacks.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "lib/base/bytes.h"
#include "lib/base/message.h"
#include "lib/base/unique_fd.h"
#include "lib/net/loop.h"

namespace ts::net {

class PacketSocket {
 public:
  /// The largest packet that is sent or accepted, in bytes; a longer one from the peer ends the connection.
  static constexpr std::size_t kMaxPacket = 64 * 1024;

  struct Handlers {
    std::function<void(ByteView, std::vector<UniqueFd>)> on_packet;
    /// The peer is gone (empty reason) or broke the rules; called once, never from send().
    std::function<void(const std::string& reason)> on_close;
    /// All that had to wait has been sent: for owners that send only the latest of something.
    std::function<void()> on_drain;
  };

  PacketSocket(Loop& loop, UniqueFd fd, Handlers handlers);
  ~PacketSocket();
  PacketSocket(const PacketSocket&) = delete;
  PacketSocket& operator=(const PacketSocket&) = delete;

  /// Sends one packet with up to 4 descriptors; kUnavailable when the peer is gone or 1,024 packets wait.
  Result<> send(ByteView packet, std::vector<UniqueFd> fds = {});
  template <typename T>
  Result<> send_message(const T& message, std::vector<UniqueFd> fds = {}) {
    return send(message_bytes(message), std::move(fds));
  }
  std::size_t queued() const { return queue_.size(); }
  int fd() const { return fd_.get(); }

 private:
  struct Packet {
    Bytes bytes;
    std::vector<UniqueFd> fds;
  };
  void on_ready(Poller::Ready ready);
  void flush();
  void update_watch();
  void end(const std::string& reason);

  UniqueFd fd_;
  Handlers handlers_;
  std::deque<Packet> queue_;
  bool closed_ = false;
  std::string write_error_;
  Poller poller_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace ts::net
