// tsmessage as a whole: the session's host on one side, the X server on the other, the model between.
// Everything waits in one loop and nothing wakes it but they.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "cmd/tsmessage/box_window.h"
#include "cmd/tsmessage/layout.h"
#include "lib/display/display_messages.h"
#include "lib/net/packet_socket.h"
#include "lib/ui/painter.h"
#include "lib/ui/speech.h"

namespace ts::message {

class Boxes {
 public:
  /// `on_end`: the host let go (empty reason), or why it cannot go on.
  Boxes(net::Loop& loop, UniqueFd host, std::function<void(const std::string& reason)> on_end);

 private:
  void on_packet(ByteView packet);
  Result<> open(const display::OpenDisplay& message);
  void set_client(const session::BoxClient& client);
  void show(const session::ShowBox& box);
  void key(std::uint32_t keysym, bool shift);
  void button(int button, bool down, int x, int y);
  void end(const std::string& reason);

  /// Deals with the server's events, then shows what has changed.
  void settle();
  bool read_events();
  void refresh();
  void paint(const Box& part);

  net::Loop& loop_;
  std::function<void(const std::string&)> on_end_;
  Model model_;
  net::PacketSocket host_;
  Speech speech_{"tsmessage"};
  std::uint32_t scale_percent_ = 0;
  Scene scene_;
  std::optional<std::uint32_t> front_;  // the request of the message that is shown
  net::TimePoint front_since_{};
  std::unique_ptr<display::X11Connection> connection_;
  std::unique_ptr<Fonts> fonts_;
  std::unique_ptr<Painter> painter_;
  std::unique_ptr<BoxWindow> window_;
  std::unique_ptr<net::Poller> poller_;
  bool ended_ = false;
};

}  // namespace ts::message
