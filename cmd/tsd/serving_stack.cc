#include "cmd/tsd/serving_stack.h"

#include <fcntl.h>
#include <sys/socket.h>

#include <cstring>

#include "lib/base/log.h"
#include "lib/session/listener_messages.h"

namespace ts::tsd {

ServingStack::ServingStack(net::Loop& loop, StackPool::Stack stack, Incoming::Introduced client,
                           AddressLimit::Place place, const ListenerCertificate& certificate,
                           Handlers handlers)
    : certificate_(certificate),
      handlers_(std::move(handlers)),
      network_(std::move(client.network)),
      came_(client.came),
      status_{.id = client.connection, .peer_address = client.peer_address, .since = client.since},
      place_(std::move(place)),
      client_(::fcntl(client.client.get(), F_DUPFD_CLOEXEC, 0)),
      control_(loop, std::move(stack.control),
               {.on_packet = [this](ByteView packet, auto) { on_packet(packet); },
                .on_close =
                    [this](const std::string&) {
                      auto on_end = handlers_.on_end;
                      on_end();
                    }}) {
  session::NewConnection message;
  message.connection = client.connection;
  message.peer_address.assign(client.peer_address);
  message.handshake_timeout_ms = static_cast<std::uint32_t>(client.time_left.count());
  std::vector<UniqueFd> fds;
  fds.push_back(std::move(client.client));
  fds.push_back(std::move(client.session));
  // A stack that died just now is told by on_close.
  (void)control_.send_message(message, std::move(fds));
}

void ServingStack::on_packet(ByteView packet) {
  if (message_as<session::LoggedOn>(packet) && place_) {
    place_.reset();
    return handlers_.on_logged_on();
  }
  if (auto secured = message_as<session::Secured>(packet); secured && status_.security.empty()) {
    status_.security = secured->version.str();
    status_.cipher = secured->cipher.str();
    return;
  }
  if (auto refused = message_as<session::ConnectionRefused>(packet);
      refused && !std::exchange(refused_, true))
    return handlers_.on_refused(status_.peer_address, refused->reason.str());
  auto request = message_as<session::SignRequest>(packet);
  if (!request || request->size > request->input.size() || ++operations_ > kMaxOperations) {
    // No stack of ours does this: it is let go, so that it can neither go on asking nor fill the log.
    log::warning(
        "Ending a stack that {} peer={}",
        operations_ > kMaxOperations ? "asked for the private key too often" : "sent a malformed request",
        status_.peer_address);
    // Whoever speaks through it is cut off at once; the process we have no right to end.
    ::shutdown(client_.get(), SHUT_RDWR);
    auto on_end = handlers_.on_end;  // its owner destroys us
    return on_end();
  }
  session::SignReply reply;
  auto input = std::as_bytes(std::span(request->input).first(request->size));
  auto signature = certificate_.key.sign(static_cast<net::KeyOperation>(request->operation), input);
  if (!signature) {
    log::warning("Signing failed peer={} reason=\"{}\"", status_.peer_address, signature.error().message);
  } else if (signature->size() <= reply.output.size()) {
    reply.size = static_cast<std::uint32_t>(signature->size());
    std::memcpy(reply.output.data(), signature->data(), signature->size());
  }
  (void)control_.send_message(reply);
}

std::optional<session::Stranger> ServingStack::stranger() const {
  if (!place_) return std::nullopt;
  const unsigned progress = status_.security.empty() ? 1 : 2;
  return session::Stranger{network_, progress, came_};
}

void ServingStack::give_way() {
  gave_way_ = true;
  place_.reset();
  ::shutdown(client_.get(), SHUT_RDWR);
}

ConnectionStatus ServingStack::status() const {
  auto out = status_;
  out.tcp = net::tcp_figures(client_.get());
  return out;
}

}  // namespace ts::tsd
