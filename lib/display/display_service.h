// tsdisplay itself: opened by tshost's first message on the control socket, then X server on one side,
// the attached stack on the other. Everything waits in one loop; nothing wakes it but they.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "lib/display/attachment.h"
#include "lib/net/loop.h"

namespace ts::display {

class DisplayService {
 public:
  /// `on_end`: the host let go (empty reason), or the reason why there is nothing left to serve.
  DisplayService(net::Loop& loop, UniqueFd control, std::function<void(const std::string& reason)> on_end);
  ~DisplayService();

 private:
  void on_control(ByteView packet, std::vector<UniqueFd> fds);
  Result<> open(const OpenDisplay& message, UniqueFd framebuffer);
  void attach(UniqueFd socket);
  void take_picture(std::uint32_t request);
  void resize(Size size);
  void note_input();
  void end_attachment(const std::string& reason);
  void end(const std::string& reason);
  /// Brings everything up to date: the server's events, then what the stack is to be told.
  void settle();
  bool read_events();
  void distribute_damage();

  net::Loop& loop_;
  std::function<void(const std::string&)> on_end_;
  net::PacketSocket control_;
  UniqueFd framebuffer_;
  std::unique_ptr<X11Connection> connection_;
  std::unique_ptr<X11Desktop> desktop_;
  std::unique_ptr<X11Keyboard> keyboard_;
  std::unique_ptr<X11Pointer> pointer_;
  std::unique_ptr<net::Poller> poller_;
  std::optional<net::TimePoint> input_told_;
  std::unique_ptr<Attachment> stack_;  // the one that was attached last
  bool ended_ = false;
};

}  // namespace ts::display
