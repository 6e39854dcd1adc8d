// The stack's end of a display socket: the mapped framebuffer, what changed in it, the pointer's shape, and
// the way of input. Every number from the other side is checked against our own mapping and limits.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "lib/codec/picture.h"
#include "lib/display/display_messages.h"
#include "lib/display/framebuffer.h"
#include "lib/net/packet_socket.h"

namespace ts::stack {

struct Cursor {
  std::uint32_t serial = 0;
  std::uint16_t width = 0, height = 0;  // 0: hidden
  std::uint16_t hot_x = 0, hot_y = 0;
  std::vector<std::uint32_t> pixels;  // premultiplied A R G B, rows from the top
};

class DisplayLink {
 public:
  struct Handlers {
    /// The desktop has this size now; frame() shows it.
    std::function<void(int width, int height)> on_geometry;
    std::function<void(std::span<const display::Rect>)> on_damage;
    std::function<void(const Cursor&)> on_cursor;
    std::function<void(std::uint16_t x, std::uint16_t y)> on_cursor_moved;
    std::function<void(std::uint32_t locks)> on_locks;
    /// tsdisplay has gone or breaks the rules; a fresh one may follow from the host.
    std::function<void(const std::string& reason)> on_close;
  };

  /// Maps the framebuffer, read-only and whole.
  static Result<std::unique_ptr<DisplayLink>> open(net::Loop& loop, UniqueFd socket, UniqueFd framebuffer,
                                                   Handlers handlers);

  /// The picture; empty before the first Geometry.
  const codec::FrameView& frame() const { return frame_; }
  /// Asks for the next damage, unless that is on its way already.
  void pull();
  template <typename Message>
  void send(const Message& message) {
    // Input to a display that does not read is dropped: it would be acted on much later, all at once.
    (void)socket_.send_message(message);
  }

 private:
  DisplayLink(net::Loop& loop, UniqueFd socket, display::FramebufferView framebuffer, Handlers handlers);
  void on_packet(ByteView packet);
  bool on_geometry(const display::Geometry& geometry);
  bool on_cursor_chunk(const display::CursorChunk& chunk);

  display::FramebufferView framebuffer_;
  codec::FrameView frame_;
  bool pulled_ = false;
  Cursor cursor_;  // being assembled
  Handlers handlers_;
  net::PacketSocket socket_;
};

}  // namespace ts::stack
