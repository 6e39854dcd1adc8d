// The host's connection to tssession (RUNTIME/hosts.sock): made when that is there, made again whenever it
// went. The session does not depend on it: while it is away users work on.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>

#include "lib/net/packet_socket.h"
#include "lib/net/sockets.h"
#include "lib/session/host_messages.h"
#include "lib/session/message_box.h"
#include "lib/session/picture_messages.h"
#include "lib/session/process_messages.h"

namespace ts::host {

class ManagerLink {
 public:
  struct Handlers {
    std::function<void()> on_connected;
    std::function<void(const session::AttachStack&, UniqueFd)> on_attach;
    std::function<void(const session::VerifyReconnect&)> on_verify;
    std::function<void(const session::PermitAttempt&)> on_permit;
    std::function<void(const session::StartShell&)> on_start_shell;
    std::function<void(const session::DetachStack&)> on_detach;
    std::function<void(const session::EndSession&)> on_end;
    std::function<void(const session::ListProcesses&)> on_list;
    std::function<void(const session::StackMoved&)> on_moved;
    std::function<void(const session::DenyShell&)> on_deny_shell;
    std::function<void(const session::OfferSessions&)> on_offer;
    std::function<void(const session::ResetSession&)> on_reset;
    std::function<void(const session::SignalProcesses&)> on_signal;
    std::function<void(const session::TakePicture&)> on_take_picture;
    std::function<void(const session::ShowBox&)> on_message;
  };

  /// Tries at once and then again and again.
  ManagerLink(net::Loop& loop, std::filesystem::path socket, Handlers handlers);

  /// Dropped when tssession is not there: it gets the whole state when it comes back.
  template <typename T>
  void send(const T& message, std::vector<UniqueFd> fds = {}) {
    if (socket_ && !socket_->send_message(message, std::move(fds))) lose("it does not read");
  }

 private:
  void connect();
  void lose(const std::string& reason);
  void on_packet(ByteView packet, std::vector<UniqueFd> fds);

  net::Loop& loop_;
  std::filesystem::path path_;
  Handlers handlers_;
  std::unique_ptr<net::PacketSocket> socket_;
  net::Timer retry_;
  std::chrono::milliseconds delay_;
  bool told_ = false;  // that we wait for it
};

}  // namespace ts::host
