// Serves RUNTIME/tsspawn.sock: a few fixed binary requests (lib/session/spawn_messages.h), nothing else is
// read by this daemon, which is root. Who may ask what is decided by SO_PEERCRED when the connection comes;
// whatever is not a permitted request closes it.
#pragma once

#include <list>
#include <memory>
#include <optional>

#include "cmd/tsspawn/children.h"
#include "lib/base/log_limit.h"
#include "lib/net/packet_socket.h"
#include "lib/net/sockets.h"

namespace ts::spawn {

/// Uids that may ask. Without root all are the caller's own.
struct Callers {
  uid_t session_manager = 0;  // hosts
  uid_t listener = 0;         // stacks
  uid_t supervisor = 0;       // to take us over
};

class Server {
 public:
  Server(net::Loop& loop, UniqueFd listening, Callers callers, Children& children);

  void host_ended(session::SessionId id, int wait_status);
  /// Lets all callers go and serves nobody but a supervisor any more: they wait for the next one of us
  /// instead of asking in vain.
  void close();

 private:
  struct Caller {
    bool may_start_hosts = false;
    bool may_start_stacks = false;
    bool may_take_over = false;
    bool wants_hosts = false;  // is told of their ends
    std::unique_ptr<net::PacketSocket> socket;
  };
  void on_connection(UniqueFd fd);
  void on_packet(std::list<Caller>::iterator caller, ByteView packet, std::vector<UniqueFd> fds);
  void handle_start_host(Caller& caller, session::SessionId id);
  void handle_start_stack(Caller& caller);
  void handle_take_over(Caller& caller, const UniqueFd& output);

  net::Loop& loop_;
  Callers permitted_;
  Children& children_;
  std::list<Caller> callers_;
  bool closed_ = false;
  log::Limited failures_{1};  // to start a stack: tried again and again
  log::Limited refusals_;     // any user can cause them
  net::Acceptor acceptor_;
};

}  // namespace ts::spawn
