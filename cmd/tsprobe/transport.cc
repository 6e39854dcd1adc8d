#include "cmd/tsprobe/transport.h"

namespace ts::probe {

Transport::Transport(net::Loop& loop, UniqueFd socket, Handlers handlers)
    : handlers_(std::move(handlers)),
      stream_(loop, std::move(socket),
              {.on_data = [this](ByteView bytes, auto) { on_data(bytes); },
               .on_close =
                   [this](const std::string& reason) {
                     auto on_close = handlers_.on_close;
                     on_close(reason);
                   },
               .on_drain = nullptr}) {}

Result<> Transport::decrypt(ByteView bytes) {
  Bytes answer;
  auto got = tls_->receive(bytes, received_, answer);
  if (!answer.empty()) TS_TRY(stream_.write(answer));
  return got;
}

void Transport::on_data(ByteView bytes) {
  if (finished_) return;
  auto on_close = handlers_.on_close;
  received_.erase(received_.begin(), received_.begin() + static_cast<std::ptrdiff_t>(consumed_));
  consumed_ = 0;
  if (tls_) {
    if (auto good = decrypt(bytes); !good) return on_close(good.error().message);
    if (!secure_ && tls_->established()) {
      secure_ = true;
      handlers_.on_secure();
    }
  } else {
    received_.insert(received_.end(), bytes.begin(), bytes.end());
  }
  if (!received().empty() && !finished_) handlers_.on_input();
  if (tls_ && tls_->peer_closed()) on_close("");
}

Result<> Transport::start_tls(const std::string& server, const net::TrustedCertificates& trusted) {
  // Nothing may come between the confirm and our first TLS message.
  if (!received().empty()) return fail(ErrorCode::kMalformed, "the server sent bytes before its turn");
  TS_TRY_ASSIGN(tls_, net::TlsSession::create_client({server}, trusted));
  return decrypt({});
}

Result<> Transport::write(ByteView plain) {
  if (plain.empty()) return {};
  if (!tls_) return stream_.write(plain);
  Bytes wire;
  TS_TRY(tls_->send(plain, wire));
  return stream_.write(wire);
}

void Transport::finish() {
  if (std::exchange(finished_, true)) return;
  if (tls_) {
    Bytes wire;
    tls_->close(wire);
    (void)stream_.write(wire);
  }
  stream_.shutdown_when_drained();
}

}  // namespace ts::probe
