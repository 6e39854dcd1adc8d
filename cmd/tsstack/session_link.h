// How a stack finds its session: the Varlink connection to tssession (which session), then the session socket
// to that session's host (display, logon, end). When tssession finds the user's own session, the link moves
// there.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "lib/net/packet_socket.h"
#include "lib/session/reconnect_cookie.h"
#include "lib/session/stack_messages.h"
#include "lib/varlink/client.h"

namespace ts::stack {

class SessionLink {
 public:
  struct ClientDescription {
    std::string name;
    int width = 0, height = 0, depth = 0;
    int scale = 0;  // percent, 0: not said
    std::uint32_t keyboard = 0;
  };
  /// What the client says that wants back into a session.
  struct Reconnect {
    session::SessionId session = 0;
    session::ReconnectProof proof{};
  };
  struct Handlers {
    /// Mapped to a session, whose display comes next; again when it moves to the user's own.
    std::function<void(session::SessionId id, bool logged_on)> on_mapped;
    std::function<void(UniqueFd display, UniqueFd framebuffer)> on_display;
    std::function<void(const session::LogonResult&)> on_logon;
    /// Wiped by the caller.
    std::function<void(const session::ReconnectTicket&)> on_ticket;
    /// It is over; tell the client why. `text` is for the log.
    std::function<void(session::EndReason reason, const std::string& text)> on_end;
  };

  SessionLink(net::Loop& loop, UniqueFd tssession, Handlers handlers);

  /// Asks for a session; on_mapped or on_end follows.
  Result<> connect(const ClientDescription& client, const std::optional<Reconnect>& reconnect);
  /// After on_mapped without logged_on, once.
  Result<> send_credentials(const session::Credentials& credentials);

 private:
  void on_reply(varlink::Reply reply);
  void on_packet(ByteView packet, std::vector<UniqueFd> fds);
  void end(session::EndReason reason, const std::string& text);

  net::Loop& loop_;
  Handlers handlers_;
  bool ended_ = false;
  std::unique_ptr<varlink::AsyncClient> manager_;
  std::unique_ptr<net::PacketSocket> host_;
};

}  // namespace ts::stack
