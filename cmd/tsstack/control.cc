#include "cmd/tsstack/control.h"

#include <poll.h>

#include <cerrno>
#include <cstring>

#include "lib/net/packet_socket.h"
#include "lib/net/sockets.h"

namespace ts::stack {

Result<Bytes> Control::receive(std::vector<UniqueFd>& fds, int timeout_ms) {
  pollfd waiting{socket_.get(), POLLIN, 0};
  int ready;
  do {
    ready = ::poll(&waiting, 1, timeout_ms);
  } while (ready < 0 && errno == EINTR);
  if (ready < 0) return fail_errno("poll");
  if (ready == 0) return fail(ErrorCode::kTimedOut, "the listener does not answer");
  Bytes packet(net::PacketSocket::kMaxPacket);
  TS_TRY_ASSIGN(std::size_t size, net::receive_with_fds(socket_.get(), packet, fds));
  if (size == 0) return fail(ErrorCode::kUnavailable, "the listener has gone");
  packet.resize(size);
  return packet;
}

Result<Certificate> Control::wait_for_certificate() {
  std::vector<UniqueFd> fds;
  TS_TRY_ASSIGN(Bytes packet, receive(fds, -1));
  constexpr std::size_t kHead = sizeof(session::Certificate);
  auto message =
      packet.size() < kHead ? std::nullopt : message_as<session::Certificate>(ByteView(packet).first(kHead));
  if (!message || packet.size() - kHead != message->bytes || fds.size() != (message->key_log != 0 ? 1u : 0u))
    return fail(ErrorCode::kMalformed, "the listener's message is not a Certificate");
  Certificate certificate;
  certificate.pem.assign(reinterpret_cast<const char*>(packet.data()) + kHead, message->bytes);
  if (!fds.empty()) certificate.key_log = std::move(fds[0]);
  return certificate;
}

Result<Client> Control::wait_for_client() {
  std::vector<UniqueFd> fds;
  TS_TRY_ASSIGN(Bytes packet, receive(fds, -1));
  auto message = message_as<session::NewConnection>(packet);
  if (!message || fds.size() != 2)
    return fail(ErrorCode::kMalformed, "the listener's message is not a NewConnection");
  Client client;
  client.socket = std::move(fds[0]);
  client.session = std::move(fds[1]);
  client.connection = message->connection;
  client.peer_address = message->peer_address.str();
  client.handshake_timeout = std::chrono::milliseconds(message->handshake_timeout_ms);
  return client;
}

Result<Bytes> Control::sign(net::KeyOperation operation, ByteView input) {
  constexpr int kAnswerTimeout = 5000;  // milliseconds
  session::SignRequest request;
  if (input.size() > request.input.size()) return fail(ErrorCode::kRefused, "{} bytes to sign", input.size());
  request.operation = static_cast<std::uint32_t>(operation);
  request.size = static_cast<std::uint32_t>(input.size());
  std::memcpy(request.input.data(), input.data(), input.size());
  TS_TRY(net::send_with_fds(socket_.get(), message_bytes(request), {}));
  std::vector<UniqueFd> none;
  TS_TRY_ASSIGN(Bytes packet, receive(none, kAnswerTimeout));
  auto reply = message_as<session::SignReply>(packet);
  if (!reply || reply->size > reply->output.size()) return fail(ErrorCode::kMalformed, "not a SignReply");
  if (reply->size == 0) return fail(ErrorCode::kRefused, "the listener refused a signature");
  auto output = std::as_bytes(std::span(reply->output).first(reply->size));
  return Bytes(output.begin(), output.end());
}

void Control::tell_logged_on() {
  (void)net::send_with_fds(socket_.get(), message_bytes(session::LoggedOn{}), {});
}

void Control::tell_secured(std::string_view version, std::string_view cipher) {
  session::Secured message;
  message.version.assign(version);
  message.cipher.assign(cipher);
  (void)net::send_with_fds(socket_.get(), message_bytes(message), {});
}

void Control::tell_refused(const std::string& reason) {
  session::ConnectionRefused message;
  message.reason.assign(reason);
  // Without it the event is lost, and nothing else.
  (void)net::send_with_fds(socket_.get(), message_bytes(message), {});
}

}  // namespace ts::stack
