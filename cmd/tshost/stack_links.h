// The session's end of session sockets: one attached stack, and those that were told to go and have not gone
// yet. Stacks read strangers' bytes and are not trusted: a packet that does not belong ends the attachment,
// and one that has seen a user's desktop has to end as a process, too: it could go on looking at the
// framebuffer.
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
  void attach(UniqueFd socket, pid_t stack);
  void show(session::SessionId id, UniqueFd display_socket, UniqueFd framebuffer);
  void tell(const session::LogonResult& result);
  /// Tells the attached stack why and lets it close; after some seconds it is dropped.
  void release(session::EndReason reason);
  bool attached() const { return attached_.socket != nullptr; }
  bool all_gone() const { return !attached() && leaving_.empty(); }

 private:
  struct Stack {
    std::unique_ptr<net::PacketSocket> socket;  // nullptr: closed already
    std::unique_ptr<StackProcess> process;      // nullptr: gone, or not known
  };
  struct Leaving {
    Stack stack;
    std::unique_ptr<net::Timer> timer;
  };
  void on_packet(ByteView packet);
  void on_close(net::PacketSocket* socket, const std::string& reason);
  void on_exit(StackProcess* process);
  void let_leave();
  void forget_gone();
  void check_sent(const Result<>& sent);

  net::Loop& loop_;
  Handlers handlers_;
  Stack attached_;
  std::list<Leaving> leaving_;
};

}  // namespace ts::host
