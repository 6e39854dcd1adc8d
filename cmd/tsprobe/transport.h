// The client's connection to an RDP server: plain bytes first, TLS from start_tls() on. Keeps what has come
// and not been consumed. Nothing blocks; the owner may destroy it from inside its callbacks except on_input.
#pragma once

#include <functional>
#include <memory>

#include "lib/net/stream.h"
#include "lib/net/tls.h"

namespace ts::probe {

class Transport {
 public:
  struct Handlers {
    std::function<void()> on_input;                           // received() has grown
    std::function<void()> on_secure;                          // the TLS handshake is done
    std::function<void(const std::string& reason)> on_close;  // empty: the server closed
  };
  Transport(net::Loop& loop, UniqueFd socket, Handlers handlers);

  ByteView received() const { return ByteView(received_).subspan(consumed_); }
  void consume(std::size_t size) { consumed_ += size; }

  [[nodiscard]] Result<> start_tls(const std::string& server, const net::TrustedCertificates& trusted);
  /// Through TLS once that is up.
  [[nodiscard]] Result<> write(ByteView plain);
  /// Says goodbye to TLS and ends our direction; the server's end still comes.
  void finish();
  const net::TlsSession* tls() const { return tls_.get(); }

 private:
  void on_data(ByteView bytes);
  Result<> decrypt(ByteView bytes);

  Handlers handlers_;
  std::unique_ptr<net::TlsSession> tls_;
  bool secure_ = false;
  bool finished_ = false;
  Bytes received_;  // at most a PDU and what one read brings
  std::size_t consumed_ = 0;
  net::Stream stream_;
};

}  // namespace ts::probe
