// The client's connection as the protocol sees it: bytes in the clear until TLS is started, then through it.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "lib/net/stream.h"
#include "lib/net/tls.h"

namespace ts::stack {

class Transport {
 public:
  struct Handlers {
    std::function<void()> on_input;                               // received() has grown
    std::function<void(const std::string& reason)> on_bad_bytes;  // it broke TLS, or sends too much at once
    std::function<void()> on_drain;  // everything written has been taken by the network
    /// The client is gone: empty reason, or what broke the connection.
    std::function<void(const std::string& reason)> on_close;
    std::function<void(const net::TlsSession&)> on_secure;  // once: the handshake is through
  };

  /// `tls`: for start_tls().
  Transport(net::Loop& loop, UniqueFd socket, std::unique_ptr<net::TlsSession> tls, Handlers handlers);

  /// Plain bytes that nobody has consumed yet.
  ByteView received() const { return ByteView(received_).subspan(consumed_); }
  void consume(std::size_t size);

  /// What comes after this goes through TLS; bytes already here are the handshake's first.
  Result<> start_tls();
  bool secure() const { return tls_ && tls_->established(); }
  std::string description() const { return tls_ ? tls_->description() : "none"; }

  Result<> write(ByteView plain);
  std::size_t pending() const { return stream_.pending(); }
  /// Says goodbye on the TLS level and ends our direction when all is written.
  void finish();

  std::uint64_t bytes_in() const { return bytes_in_; }
  std::uint64_t bytes_out() const { return bytes_out_; }

 private:
  void on_data(ByteView bytes);
  void drop_consumed();
  Result<> decrypt(ByteView bytes);

  Handlers handlers_;
  std::unique_ptr<net::TlsSession> ready_tls_, tls_;
  bool secure_told_ = false;
  Bytes received_;
  std::size_t consumed_ = 0;
  std::uint64_t bytes_in_ = 0, bytes_out_ = 0;
  net::Stream stream_;
};

}  // namespace ts::stack
