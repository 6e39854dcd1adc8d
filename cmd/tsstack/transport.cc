#include "cmd/tsstack/transport.h"

#include <algorithm>
#include <utility>

#include "lib/base/random.h"

namespace ts::stack {
namespace {

// Plain bytes that wait for the rest of their PDU: a PDU has at most 64 KiB, and a read brings as much again.
constexpr std::size_t kMaxReceived = 256 * 1024;
constexpr std::size_t kMostAtOnce = 96 * 1024;  // that one read brings, with a TLS record begun before
// Bytes for a client that does not read. Pictures stop long before (they are pulled); this bounds the rest.
constexpr std::size_t kMaxPending = 8 * 1024 * 1024;

}  // namespace

Transport::Transport(net::Loop& loop, UniqueFd socket, std::unique_ptr<net::TlsSession> tls,
                     Handlers handlers)
    : handlers_(std::move(handlers)),
      ready_tls_(std::move(tls)),
      stream_(loop, std::move(socket),
              {.on_data = [this](ByteView bytes, auto) { on_data(bytes); },
               .on_close =
                   [this](const std::string& reason) {
                     auto on_close = handlers_.on_close;
                     on_close(reason);
                   },
               .on_drain = [this] { handlers_.on_drain(); }}) {
  stream_.set_max_pending(kMaxPending);
  // It holds a password some time: as it grows no copy is to be left where it was. Takes no memory until
  // used.
  received_.reserve(kMaxReceived + kMostAtOnce);
}

void Transport::consume(std::size_t size) {
  wipe(received_.data() + consumed_, size);  // one of these PDUs holds the password
  consumed_ += size;
  if (consumed_ == received_.size()) {
    received_.clear();
    consumed_ = 0;
  }
}

/// What is left moves to the front, and nothing of it stays behind its new end.
void Transport::drop_consumed() {
  if (consumed_ == 0) return;
  const std::size_t left = received_.size() - consumed_;
  std::copy(received_.end() - static_cast<std::ptrdiff_t>(left), received_.end(), received_.begin());
  wipe(received_.data() + left, received_.size() - left);
  received_.resize(left);
  consumed_ = 0;
}

Result<> Transport::decrypt(ByteView bytes) {
  Bytes answer;
  auto got = tls_->receive(bytes, received_, answer);
  bytes_out_ += answer.size();
  if (!answer.empty()) TS_TRY(stream_.write(answer));
  if (secure() && !std::exchange(secure_told_, true)) handlers_.on_secure(*tls_);
  return got;
}

void Transport::on_data(ByteView bytes) {
  bytes_in_ += bytes.size();
  auto on_close = handlers_.on_close, on_bad_bytes = handlers_.on_bad_bytes;
  drop_consumed();
  if (tls_) {
    if (auto good = decrypt(bytes); !good) return on_bad_bytes(good.error().message);
  } else {
    received_.insert(received_.end(), bytes.begin(), bytes.end());
  }
  if (received_.size() > kMaxReceived) return on_bad_bytes("too many bytes at once");
  bool peer_closed = tls_ && tls_->peer_closed();
  if (!received_.empty()) handlers_.on_input();  // may end the connection, which outlives this call
  if (peer_closed) on_close("");
}

Result<> Transport::start_tls() {
  if (!ready_tls_) return fail(ErrorCode::kMalformed, "TLS is started already");
  tls_ = std::move(ready_tls_);
  Bytes early(received().begin(), received().end());
  received_.clear();
  consumed_ = 0;
  return early.empty() ? Result<>{} : decrypt(early);
}

Result<> Transport::write(ByteView plain) {
  if (plain.empty()) return {};
  if (!tls_) {
    bytes_out_ += plain.size();
    return stream_.write(plain);
  }
  Bytes wire;
  TS_TRY(tls_->send(plain, wire));
  bytes_out_ += wire.size();
  return stream_.write(wire);
}

void Transport::finish() {
  if (tls_) {
    Bytes wire;
    tls_->close(wire);
    (void)stream_.write(wire);
  }
  stream_.shutdown_when_drained();
}

}  // namespace ts::stack
