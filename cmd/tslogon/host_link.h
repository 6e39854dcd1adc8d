// The logon socket, descriptor 3: what comes from the session's host, typed; what goes to it. The first
// packet says which display to open; it is the OpenDisplay that tsdisplay gets, without a descriptor.
#pragma once

#include <functional>
#include <string>

#include "lib/display/display_messages.h"
#include "lib/net/packet_socket.h"
#include "lib/session/logon_messages.h"

namespace ts::logon {

class HostLink {
 public:
  struct Handlers {
    std::function<void(const display::OpenDisplay&)> on_open;
    std::function<void(const session::LogonClient&)> on_client;
    std::function<void(const session::LogonForm&)> on_form;
    std::function<void(const session::LogonPrompt&)> on_prompt;
    std::function<void(const session::LogonWorking&)> on_working;
    std::function<void(const session::LogonChoice&)> on_choice;
    std::function<void(const session::LogonDone&)> on_done;
    std::function<void(const display::AreYouThere&)> on_asked;
    /// The host let go (empty reason), or sent what is not understood.
    std::function<void(const std::string& reason)> on_end;
  };

  HostLink(net::Loop& loop, UniqueFd socket, Handlers handlers);
  void send(ByteView message);

 private:
  void on_packet(ByteView packet);

  Handlers handlers_;
  bool open_ = false;
  net::PacketSocket socket_;
};

}  // namespace ts::logon
