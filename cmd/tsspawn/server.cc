#include "cmd/tsspawn/server.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <cerrno>

#include "lib/base/log.h"
#include "lib/os/peer.h"
#include "lib/session/spawn_messages.h"

namespace ts::spawn {
namespace {

constexpr std::size_t kMaxCallers = 16;  // tssession and tsd, and theirs that are just being restarted

session::SpawnReply reply_to(MessageType request, session::SessionId id, const Result<pid_t>& pid) {
  session::SpawnReply reply;
  reply.request = request;
  reply.session_id = id;
  if (pid) {
    reply.pid = *pid;
  } else {
    reply.error_number = pid.error().error_number != 0 ? pid.error().error_number : EIO;
    reply.message = FixedText<256>(pid.error().message);
  }
  return reply;
}

}  // namespace

Server::Server(net::Loop& loop, UniqueFd listening, Callers callers, Children& children)
    : loop_(loop),
      permitted_(callers),
      children_(children),
      acceptor_(loop, std::move(listening), [this](UniqueFd fd) { on_connection(std::move(fd)); }) {}

void Server::close() {
  closed_ = true;
  callers_.clear();
}

void Server::on_connection(UniqueFd fd) {
  auto peer = os::peer_of(fd.get());
  if (!peer) return log::warning("Refusing a caller: {}", peer.error().message);
  Caller caller;
  caller.may_start_hosts = peer->uid == permitted_.session_manager;
  caller.may_start_stacks = peer->uid == permitted_.listener;
  caller.may_take_over = peer->uid == permitted_.supervisor;
  if (!caller.may_start_hosts && !caller.may_start_stacks && !caller.may_take_over) {
    return refusals_.warning("Refusing a caller that is neither tssession nor tsd nor root uid={} pid={}",
                             peer->uid, peer->pid);
  }
  if (closed_ && !caller.may_take_over) return;
  if (callers_.size() >= kMaxCallers) return log::warning("Refusing a caller: {} are there", callers_.size());
  caller.wants_hosts = caller.may_start_hosts && !caller.may_start_stacks;
  callers_.push_back(std::move(caller));
  auto at = std::prev(callers_.end());
  at->socket = std::make_unique<net::PacketSocket>(
      loop_, std::move(fd),
      net::PacketSocket::Handlers{
          [this, at](ByteView packet, std::vector<UniqueFd> fds) { on_packet(at, packet, std::move(fds)); },
          [this, at](const std::string&) { callers_.erase(at); },
          {}});
}

void Server::on_packet(std::list<Caller>::iterator at, ByteView packet, std::vector<UniqueFd> fds) {
  auto& caller = *at;
  if (message_as<session::TakeOver>(packet) && caller.may_take_over && fds.size() == 1)
    return handle_take_over(caller, fds[0]);
  if (closed_) {
    callers_.erase(at);
  } else if (auto start = message_as<session::StartHost>(packet); start && caller.may_start_hosts) {
    caller.wants_hosts = true;
    handle_start_host(caller, start->session_id);
  } else if (auto end = message_as<session::EndHost>(packet); end && caller.may_start_hosts) {
    caller.wants_hosts = true;
    if (!children_.end_host(end->session_id)) log::debug("No host of session {} to end", end->session_id);
  } else if (message_as<session::StartStack>(packet) && caller.may_start_stacks) {
    handle_start_stack(caller);
  } else {
    log::warning("Closing a caller's connection: it may not send a message of type {:#x} and {} bytes",
                 message_type(packet), packet.size());
    callers_.erase(at);
  }
}

void Server::handle_start_host(Caller& caller, session::SessionId id) {
  auto pid = children_.start_host(id);
  // A restarted tssession finds out this way whether hosts are alive.
  if (!pid && pid.error().error_number == EEXIST) {
    log::debug("Session {} has its host already", id);
  } else if (!pid) {
    log::warning("No host for session {}: {}", id, pid.error().message);
  }
  auto sent = caller.socket->send_message(reply_to(session::StartHost::kType, id, pid));
  if (!sent) log::warning("tssession cannot be answered: {}", sent.error().message);
}

void Server::handle_start_stack(Caller& caller) {
  auto stack = children_.start_stack();
  if (!stack) failures_.warning("No stack: {}", stack.error().message);
  std::vector<UniqueFd> fds;
  Result<pid_t> pid = stack ? Result<pid_t>(stack->pid) : pass(stack.error());
  if (stack) fds.push_back(std::move(stack->control));
  auto sent = caller.socket->send_message(reply_to(session::StartStack::kType, 0, pid), std::move(fds));
  if (!sent) log::warning("tsd cannot be answered: {}", sent.error().message);
}

void Server::handle_take_over(Caller& caller, const UniqueFd& output) {
  for (int number : {STDOUT_FILENO, STDERR_FILENO}) ::dup2(output.get(), number);
  log::info("Taken over by another supervisor");
  UniqueFd listening(::fcntl(acceptor_.fd(), F_DUPFD_CLOEXEC, 0));
  if (!listening) return log::error("A supervisor cannot be given our socket: {}", ::strerror(errno));
  std::vector<UniqueFd> fds;
  fds.push_back(std::move(listening));
  auto reply = reply_to(session::TakeOver::kType, 0, ::getpid());
  if (auto sent = caller.socket->send_message(reply, std::move(fds)); !sent)
    log::warning("A supervisor cannot be answered: {}", sent.error().message);
}

void Server::host_ended(session::SessionId id, int wait_status) {
  session::HostEnded message;
  message.session_id = id;
  message.wait_status = wait_status;
  for (auto& caller : callers_) {
    if (!caller.wants_hosts) continue;
    if (auto sent = caller.socket->send_message(message); !sent) {
      log::warning("tssession cannot be told of the end of session {}: {}", id, sent.error().message);
    }
  }
}

}  // namespace ts::spawn
