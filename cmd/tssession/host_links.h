// The connections of the sessions' hosts (lib/session/host_messages.h): who may come, which session each one
// is, and what goes to which. A host is known by the id it announces; a second one for the same session is
// refused.
#pragma once

#include <sys/types.h>

#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "lib/net/loop.h"
#include "lib/net/packet_socket.h"
#include "lib/net/sockets.h"
#include "lib/session/host_messages.h"
#include "lib/session/message_box.h"
#include "lib/session/picture_messages.h"
#include "lib/session/process_messages.h"

namespace ts::tssession {

class HostLinks {
 public:
  struct Handlers {
    std::function<void(const session::HostState&)> on_state;
    std::function<void(session::SessionId, const session::LogonAttempt&)> on_attempt;
    std::function<void(session::SessionId, const session::Authenticated&)> on_authenticated;
    std::function<void(session::SessionId, const session::SessionChosen&)> on_chosen;
    std::function<void(session::SessionId, const session::ShellFailed&)> on_shell_failed;
    std::function<void(session::SessionId, const session::ProcessPage&)> on_processes;
    std::function<void(session::SessionId, const session::ProcessesSignalled&)> on_signalled;
    std::function<void(session::SessionId, const session::ReconnectVerified&)> on_reconnect_verified;
    std::function<void(session::SessionId, const session::LogonFailed&)> on_logon_failed;
    std::function<void(session::SessionId, const session::PictureTaken&, std::vector<UniqueFd>)> on_picture;
    std::function<void(session::SessionId, const session::BoxShown&)> on_box_shown;
    std::function<void(session::SessionId, const session::BoxEnded&)> on_box_ended;
    std::function<void(session::SessionId)> on_gone;
  };

  /// Hosts run as root, or as `own_uid` where nobody is root.
  HostLinks(net::Loop& loop, UniqueFd listening, uid_t own_uid, Handlers handlers);

  /// Fails with kUnavailable when that host is not connected.
  template <typename T>
  Result<> send(session::SessionId id, const T& message, std::vector<UniqueFd> fds = {}) {
    auto found = hosts_.find(id);
    if (found == hosts_.end()) return fail(ErrorCode::kUnavailable, "session {} has no host", id);
    return found->second->socket->send_message(message, std::move(fds));
  }

  /// Ends the connection of a host that does not read: it comes back, and says anew what there is, when it
  /// does.
  void lose(session::SessionId id);

 private:
  struct Link {
    std::unique_ptr<net::PacketSocket> socket;
    bool known = false;  // its session is `id`
    session::SessionId id = 0;
    pid_t pid = 0;
  };
  void accept(UniqueFd fd);
  void receive(Link& link, ByteView packet, std::vector<UniqueFd> fds);
  void announce(Link& link, const session::HostState& state);
  void drop(Link& link, const std::string& reason);

  net::Loop& loop_;
  uid_t own_uid_;
  Handlers handlers_;
  std::map<const Link*, std::unique_ptr<Link>> links_;
  std::map<session::SessionId, Link*> hosts_;
  net::Acceptor acceptor_;
};

}  // namespace ts::tssession
