// The host's handle on its tsuserinit, the process that holds the account's PAM conversation and session.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "lib/net/packet_socket.h"
#include "lib/net/sockets.h"
#include "lib/session/userinit_messages.h"

namespace ts::host {

class UserinitLink {
 public:
  struct Handlers {
    std::function<void(const session::UserinitPrompt&)> on_prompt;
    std::function<void(const session::UserinitLimits&)> on_limits;
    std::function<void(const session::UserinitResult&)> on_result;
    std::function<void(const session::UserinitStarted&)> on_started;
    std::function<void(const session::UserinitShellEnded&)> on_shell_ended;
    std::function<void()> on_gone;
  };

  static Result<std::unique_ptr<UserinitLink>> start(net::Loop& loop,
                                                     const std::vector<std::string>& arguments,
                                                     const std::vector<std::string>& environment,
                                                     Handlers handlers);

  template <typename T>
  void send(const T& message, std::vector<UniqueFd> fds = {}) {
    // Its end is heard of through on_gone.
    (void)socket_->send_message(message, std::move(fds));
  }
  pid_t pid() const { return pid_; }

 private:
  UserinitLink(net::Loop& loop, pid_t pid, UniqueFd socket, Handlers handlers);
  void on_packet(ByteView packet);

  pid_t pid_;
  Handlers handlers_;
  std::unique_ptr<net::PacketSocket> socket_;
};

}  // namespace ts::host
