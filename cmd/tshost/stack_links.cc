#include "cmd/tshost/stack_links.h"

#include "lib/base/log.h"
#include "lib/base/random.h"

namespace ts::host {
namespace {

/// The stack tells its client, waits for the client's close, then closes; a client that never does is not
/// waited for. A second more than tsstack itself gives its client.
constexpr std::chrono::seconds kLeaveTime{6};

}  // namespace

StackLinks::StackLinks(net::Loop& loop, Handlers handlers) : loop_(loop), handlers_(std::move(handlers)) {}

void StackLinks::attach(UniqueFd socket, pid_t stack, const session::ConnectionId& connection) {
  // The handlers know their socket by its address, which stays the same when it is moved to those that leave.
  auto self = std::make_shared<net::PacketSocket*>(nullptr);  // shared by the two handlers of one socket
  attached_.socket = std::make_unique<net::PacketSocket>(
      loop_, std::move(socket),
      net::PacketSocket::Handlers{[this, self](ByteView packet, std::vector<UniqueFd>) {
                                    if (*self == attached_.socket.get()) on_packet(packet);
                                  },
                                  [this, self](const std::string& reason) { on_close(*self, reason); }});
  *self = attached_.socket.get();
  attached_.process = follow(stack);
  attached_.connection = connection;
}

std::unique_ptr<StackProcess> StackLinks::follow(pid_t stack) {
  auto self = std::make_shared<StackProcess*>(nullptr);  // as for the socket
  auto process = StackProcess::open(loop_, stack, [this, self] { on_exit(*self); });
  *self = process.get();
  return process;
}

void StackLinks::show(session::SessionId id, UniqueFd display_socket, UniqueFd framebuffer) {
  session::Display message;
  message.session_id = id;
  std::vector<UniqueFd> fds;
  fds.push_back(std::move(display_socket));
  fds.push_back(std::move(framebuffer));
  if (attached()) check_sent(attached_.socket->send_message(message, std::move(fds)));
}

void StackLinks::tell(const session::LogonResult& result) {
  if (attached()) check_sent(attached_.socket->send_message(result));
}

void StackLinks::give(const session::ReconnectTicket& ticket) {
  if (attached()) check_sent(attached_.socket->send_message(ticket));
}

/// A stack that cannot be told is as good as gone; its own close, which follows, ends the attachment.
void StackLinks::check_sent(const Result<>& sent) {
  if (!sent) log::debug("The stack cannot be told: {}", sent.error().message);
}

void StackLinks::release(session::EndReason reason) {
  if (!attached()) return;
  session::End message;
  message.reason = reason;
  check_sent(attached_.socket->send_message(message));
  let_leave();
}

void StackLinks::hand_over() {
  attached_.process.reset();
  let_leave();
}

void StackLinks::spare(const session::ConnectionId& connection) {
  for (auto& leaving : leaving_)
    if (leaving.stack.connection == connection) leaving.stack.process.reset();
  forget_gone();
}

void StackLinks::turn_away(pid_t stack) {
  make_leave({nullptr, follow(stack), {}});
}

/// The attached stack becomes one that has to go, and has some seconds for it.
void StackLinks::let_leave() {
  if (!handlers_.holds_desktop()) attached_.process.reset();
  make_leave(std::exchange(attached_, {}));
}

void StackLinks::make_leave(Stack stack) {
  if (!stack.socket && !stack.process) return;
  auto entry = leaving_.emplace(leaving_.end());
  entry->stack = std::move(stack);
  entry->timer = std::make_unique<net::Timer>(loop_, [this, entry] {
    if (entry->stack.process) {
      log::warning("Killing a stack that did not go when it had to pid={}", entry->stack.process->pid());
      entry->stack.process->kill();
    } else {
      log::info("Dropping a stack that did not go when told to");
    }
    leaving_.erase(entry);
    if (all_gone()) handlers_.on_all_gone();
  });
  entry->timer->start(kLeaveTime);
}

void StackLinks::on_packet(ByteView packet) {
  auto type = message_type(packet);
  auto credentials = message_as<session::Credentials>(packet);
  bool fine = credentials && handlers_.on_credentials(*credentials);
  if (credentials) wipe(&*credentials, sizeof *credentials);
  if (fine || !attached()) return;
  log::warning("Dropping a stack that sent a message of type {:#x} out of turn", type);
  on_close(attached_.socket.get(), "");
}

void StackLinks::on_close(net::PacketSocket* socket, const std::string& reason) {
  if (!reason.empty()) log::info("A stack's connection broke: {}", reason);
  if (socket == attached_.socket.get()) {
    attached_.socket.reset();
    let_leave();  // its process goes now, too, or is made to
    handlers_.on_gone();
  } else {
    for (auto& leaving : leaving_)
      if (leaving.stack.socket.get() == socket) leaving.stack.socket.reset();
  }
  forget_gone();
}

void StackLinks::on_exit(StackProcess* process) {
  // Of an attached stack, and of what it still said, its socket tells.
  if (attached_.process.get() == process) attached_.process.reset();
  for (auto& leaving : leaving_)
    if (leaving.stack.process.get() == process) leaving.stack.process.reset();
  forget_gone();
}

void StackLinks::forget_gone() {
  leaving_.remove_if([](const Leaving& leaving) { return !leaving.stack.socket && !leaving.stack.process; });
  if (all_gone()) handlers_.on_all_gone();
}

}  // namespace ts::host
