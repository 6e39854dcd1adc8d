#include "cmd/tshost/stack_links.h"

#include "lib/base/log.h"
#include "lib/base/random.h"

namespace ts::host {
namespace {

/// The stack tells its client, waits for the client's close, then closes; a client that never does is not
/// waited for.
constexpr std::chrono::seconds kLeaveTime{5};

}  // namespace

StackLinks::StackLinks(net::Loop& loop, Handlers handlers) : loop_(loop), handlers_(std::move(handlers)) {}

void StackLinks::attach(UniqueFd socket) {
  // The handlers know their socket by its address, which stays the same when it is moved to those that leave.
  auto self = std::make_shared<net::PacketSocket*>(nullptr);  // shared by the two handlers of one socket
  attached_ = std::make_unique<net::PacketSocket>(
      loop_, std::move(socket),
      net::PacketSocket::Handlers{[this, self](ByteView packet, std::vector<UniqueFd>) {
                                    if (*self == attached_.get()) on_packet(packet);
                                  },
                                  [this, self](const std::string& reason) { on_close(*self, reason); }});
  *self = attached_.get();
}

void StackLinks::show(session::SessionId id, UniqueFd display_socket, UniqueFd framebuffer) {
  session::Display message;
  message.session_id = id;
  std::vector<UniqueFd> fds;
  fds.push_back(std::move(display_socket));
  fds.push_back(std::move(framebuffer));
  if (attached_) check_sent(attached_->send_message(message, std::move(fds)));
}

void StackLinks::tell(const session::LogonResult& result) {
  if (attached_) check_sent(attached_->send_message(result));
}

/// A stack that cannot be told is as good as gone; its own close, which follows, ends the attachment.
void StackLinks::check_sent(const Result<>& sent) {
  if (!sent) log::debug("The stack cannot be told: {}", sent.error().message);
}

void StackLinks::release(session::EndReason reason) {
  if (!attached_) return;
  session::End message;
  message.reason = reason;
  check_sent(attached_->send_message(message));
  auto* socket = attached_.get();
  leaving_.push_back({std::move(attached_), std::make_unique<net::Timer>(loop_, [this, socket] {
                        log::info("Dropping a stack that did not go when told to");
                        on_close(socket, "");
                      })});
  leaving_.back().timer->start(kLeaveTime);
}

void StackLinks::on_packet(ByteView packet) {
  auto type = message_type(packet);
  auto credentials = message_as<session::Credentials>(packet);
  bool fine = credentials && handlers_.on_credentials(*credentials);
  if (credentials) {
    wipe(&*credentials, sizeof *credentials);
    // The bytes as they came, too: they are in the socket's own buffer, which is not constant.
    wipe(const_cast<std::byte*>(packet.data()), packet.size());
  }
  if (fine || !attached_) return;
  log::warning("Dropping a stack that sent a message of type {:#x} out of turn", type);
  on_close(attached_.get(), "");
}

void StackLinks::on_close(net::PacketSocket* socket, const std::string& reason) {
  if (!reason.empty()) log::info("A stack's connection broke: {}", reason);
  if (socket == attached_.get()) {
    attached_.reset();
    handlers_.on_gone();
  } else {
    leaving_.remove_if([&](const Leaving& leaving) { return leaving.socket.get() == socket; });
  }
  if (all_gone()) handlers_.on_all_gone();
}

}  // namespace ts::host
