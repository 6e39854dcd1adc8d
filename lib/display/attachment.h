// One stack attached to the desktop: its socket, what it has not seen yet, and its credit. Everything it is
// told is the latest state of something, sent when the socket takes it, so nothing queues up for a slow one:
// Geometry, pointer and locks when they change, Damage once for each Pull.
#pragma once

#include <memory>
#include <optional>

#include "lib/display/region.h"
#include "lib/display/stack_input.h"
#include "lib/net/packet_socket.h"

namespace ts::display {

class Attachment {
 public:
  struct Handlers {
    /// The stack asked for another size.
    std::function<void(Size)> on_resize;
    /// A key or the mouse.
    std::function<void()> on_input;
    /// After each packet: look for what is to be sent.
    std::function<void()> on_activity;
    /// The stack is gone, or `reason` says how it broke the rules; destroy the attachment.
    std::function<void(const std::string& reason)> on_end;
  };

  Attachment(net::Loop& loop, UniqueFd socket, X11Desktop& desktop, std::unique_ptr<StackInput> input,
             Handlers handlers);

  void add_damage(const Region& region) { damage_.add(region); }
  /// The size is another, or was asked for: it is told, and everything is damaged.
  void announce_size();
  bool wants_damage() const { return pulls_ > 0; }
  /// Sends what there is to say and room for.
  void update();

 private:
  void on_packet(ByteView packet);
  Result<> dispatch(ByteView packet);
  template <typename T>
  Result<> input(ByteView packet);
  void type_on();
  Result<> pull();
  void refresh(const Rect& area);
  void send_size();
  void send_cursor();
  void send_damage();
  template <typename T>
  void send(const T& message);

  X11Desktop& desktop_;
  std::unique_ptr<StackInput> input_;
  Handlers handlers_;
  Region damage_;
  int pulls_ = 0;
  bool size_pending_ = false;
  std::optional<std::uint32_t> cursor_sent_;  // serial
  Point pointer_sent_;
  std::optional<std::uint32_t> locks_sent_;
  net::Timer typing_;
  net::PacketSocket socket_;
};

}  // namespace ts::display
