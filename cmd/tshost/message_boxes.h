// The messages on this session's display: handed to its tsmessage, which tsuserinit starts as the user when
// the first one comes and which goes when the last one is answered. How long a box stays, how many there are
// and which answers it may have is decided here; tsmessage belongs to the user and only draws.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "lib/display/display_messages.h"
#include "lib/net/packet_socket.h"
#include "lib/session/message_box.h"

namespace ts::host {

class MessageBoxes {
 public:
  struct Handlers {
    /// Have tsmessage started with this socket; its end is heard of when the socket closes.
    std::function<void(UniqueFd)> start;
    std::function<display::OpenDisplay()> display;
    std::function<void(const session::BoxShown&)> on_shown;
    std::function<void(const session::BoxEnded&)> on_ended;  // always once
  };

  MessageBoxes(net::Loop& loop, Handlers handlers);

  /// Somebody is logged on.
  void show(const session::ShowBox& message);
  /// Nobody needs to read it any more.
  void close(std::uint32_t request);
  /// Who looks now: boxes suit their language and the scaling of their screen.
  void set_client(const session::BoxClient& client);
  /// The session ends, and what is not answered is not.
  void stop();

 private:
  struct Box {
    session::BoxButtons buttons = session::BoxButtons::kOk;
    std::uint32_t seconds = 0;
    bool shown = false;
    std::unique_ptr<net::Timer> timer;
  };
  Result<> start();
  void on_packet(ByteView packet);
  bool shown(const session::BoxShown& message);
  bool answered(const session::BoxAnswered& message);
  void late(std::uint32_t request);
  void end(const session::BoxEnded& message);
  void fail_all(const std::string& why);

  net::Loop& loop_;
  Handlers handlers_;
  session::BoxClient client_;
  std::map<std::uint32_t, Box> boxes_;  // by request
  std::unique_ptr<net::PacketSocket> socket_;
};

}  // namespace ts::host
