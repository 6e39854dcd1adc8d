// The session's end of session sockets: one attached stack, and those that were told to go and have not gone
// yet. Stacks read strangers' bytes and are not trusted: a packet that does not belong ends the attachment,
// and one that has seen a user's desktop has to end as a process, too: it could go on looking at the
// framebuffer.
//
// The exception is a stack that tssession, and nobody else, says has moved to another session (tsctl
// connect). One that its client has taken over keeps a mapping of the desktop that it leaves, and can look at
// it until its connection ends; input and everything else it loses at once. Whoever asked for the move has
// the right to both sessions and gave that client the sight of them; to take it back they disconnect the
// client: the session that it shows last has its process killed as any other.
#pragma once

#include <functional>
#include <list>
#include <memory>

#include "cmd/tshost/stack_process.h"
#include "lib/net/packet_socket.h"
#include "lib/session/stack_messages.h"

namespace ts::host {

class StackLinks {
 public:
  struct Handlers {
    /// False: not expected now, the stack is dropped. To be wiped by whoever copies it.
    std::function<bool(const session::Credentials&)> on_credentials;
    std::function<void()> on_gone;  // the attached stack, by itself
    std::function<void()> on_all_gone;
    /// Somebody is or was logged on here. Before that a stack may be moved to its user's own session, and
    /// then lives on.
    std::function<bool()> holds_desktop;
  };

  StackLinks(net::Loop& loop, Handlers handlers);

  /// `stack`: the process at the other end; 0: not known.
  void attach(UniqueFd socket, pid_t stack, const session::ConnectionId& connection);
  void show(session::SessionId id, UniqueFd display_socket, UniqueFd framebuffer);
  void tell(const session::LogonResult& result);
  void give(const session::ReconnectTicket& ticket);
  /// Tells the attached stack why and lets it close; after some seconds it is dropped.
  void release(session::EndReason reason);
  /// The attached stack has moved to another session: it closes this socket itself, and nobody kills it.
  void hand_over();
  /// The same for one that has closed its socket already and would be killed for it.
  void spare(const session::ConnectionId& connection);
  /// A stack that was logged on somewhere and is not taken here has to end.
  void turn_away(pid_t stack);
  bool attached() const { return attached_.socket != nullptr; }
  bool all_gone() const { return !attached() && leaving_.empty(); }

 private:
  struct Stack {
    std::unique_ptr<net::PacketSocket> socket;  // nullptr: closed already
    std::unique_ptr<StackProcess> process;      // nullptr: gone, not known, or not ours to end
    session::ConnectionId connection{};
  };
  struct Leaving {
    Stack stack;
    std::unique_ptr<net::Timer> timer;
  };
  void on_packet(ByteView packet);
  void on_close(net::PacketSocket* socket, const std::string& reason);
  void on_exit(StackProcess* process);
  std::unique_ptr<StackProcess> follow(pid_t stack);
  void let_leave();
  void make_leave(Stack stack);
  void forget_gone();
  void check_sent(const Result<>& sent);

  net::Loop& loop_;
  Handlers handlers_;
  Stack attached_;
  std::list<Leaving> leaving_;
};

}  // namespace ts::host
