// One client of a Varlink service: its socket, its frames, its turn. Frames are handled one at a time, in
// order: the next one waits until the call before it has its last answer and the client has read it. Made by
// Service.
#pragma once

#include <any>
#include <functional>
#include <memory>
#include <string>

#include "lib/base/result.h"
#include "lib/base/unique_fd.h"
#include "lib/net/stream.h"
#include "lib/os/peer.h"
#include "lib/varlink/frame.h"

namespace ts::varlink {

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  struct Handlers {
    /// One frame. The connection is busy from here until answered() says that the answer was the last one.
    std::function<void(Connection&, const std::string& frame)> on_frame;
    /// Gone: the client closed (empty reason), broke the rules, or was closed. Once; may drop the connection.
    std::function<void(Connection&, const std::string& reason)> on_end;
  };

  Connection(os::Peer peer, Limits limits) : peer_(peer), limits_(limits), reader_(limits) {}
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Starts to read; `reply_bytes` bounds what may wait for the client to read it.
  void start(net::Loop& loop, UniqueFd fd, std::size_t reply_bytes, Handlers handlers);

  const os::Peer& peer() const { return peer_; }
  bool open() const { return stream_ != nullptr && !closing_; }
  /// The process that has called last, by the kernel's word: not the peer's where a connection is handed on.
  /// 0: not known.
  pid_t caller() const { return stream_ != nullptr ? stream_->sender() : 0; }
  /// Takes no more calls, and goes once what has been answered is sent; on_end follows from the loop.
  void close();

  /// Sends an answer to the call that is being handled.
  Result<> send(ByteView frame, UniqueFd passed, bool last);
  /// The call that is being handled is over without an answer (oneway).
  void finish_call();
  /// Ends at once, from the loop or the service.
  void end(const std::string& reason);

  std::any data;  // the service's user's own

 private:
  void on_data(ByteView bytes);
  void pump();
  void wake_later();

  os::Peer peer_;
  Limits limits_;
  FrameReader reader_;
  Handlers handlers_;
  bool busy_ = false;
  bool pumping_ = false;
  bool closing_ = false;
  bool passed_ = false;  // a descriptor, which may be on its way still
  std::string end_reason_;
  std::unique_ptr<net::Stream> stream_;
  std::unique_ptr<net::Timer> wake_;
};

}  // namespace ts::varlink
