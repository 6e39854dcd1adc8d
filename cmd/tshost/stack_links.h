// The session's end of session sockets: one attached stack, and those that were told to go and have not gone
// yet. Stacks read strangers' bytes and are not trusted: a packet that does not belong ends the attachment.
#pragma once

#include <functional>
#include <list>
#include <memory>

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
  };

  StackLinks(net::Loop& loop, Handlers handlers);

  void attach(UniqueFd socket);
  void show(session::SessionId id, UniqueFd display_socket, UniqueFd framebuffer);
  void tell(const session::LogonResult& result);
  /// Tells the attached stack why and lets it close; after some seconds it is dropped.
  void release(session::EndReason reason);
  bool attached() const { return attached_ != nullptr; }
  bool all_gone() const { return !attached_ && leaving_.empty(); }

 private:
  struct Leaving {
    std::unique_ptr<net::PacketSocket> socket;
    std::unique_ptr<net::Timer> timer;
  };
  void on_packet(ByteView packet);
  void on_close(net::PacketSocket* socket, const std::string& reason);
  void check_sent(const Result<>& sent);

  net::Loop& loop_;
  Handlers handlers_;
  std::unique_ptr<net::PacketSocket> attached_;
  std::list<Leaving> leaving_;
};

}  // namespace ts::host
