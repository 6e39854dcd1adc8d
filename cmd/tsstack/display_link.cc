#include "cmd/tsstack/display_link.h"

namespace ts::stack {

Result<std::unique_ptr<DisplayLink>> DisplayLink::open(net::Loop& loop, UniqueFd socket, UniqueFd framebuffer,
                                                       Handlers handlers) {
  TS_TRY_ASSIGN(auto view, display::FramebufferView::map(framebuffer));
  return std::unique_ptr<DisplayLink>(
      new DisplayLink(loop, std::move(socket), std::move(view), std::move(handlers)));
}

DisplayLink::DisplayLink(net::Loop& loop, UniqueFd socket, display::FramebufferView framebuffer,
                         Handlers handlers)
    : framebuffer_(std::move(framebuffer)),
      handlers_(std::move(handlers)),
      socket_(loop, std::move(socket),
              {.on_packet = [this](ByteView packet, auto) { on_packet(packet); },
               .on_close =
                   [this](const std::string& reason) {
                     auto on_close = handlers_.on_close;
                     on_close(reason);
                   }}) {}

void DisplayLink::pull() {
  if (std::exchange(pulled_, true)) return;
  send(display::Pull{});
}

void DisplayLink::on_packet(ByteView packet) {
  bool good = true;
  if (auto geometry = message_as<display::Geometry>(packet)) {
    good = on_geometry(*geometry);
  } else if (auto damage = message_as<display::Damage>(packet)) {
    good = pulled_ && damage->count >= 1 && damage->count <= display::kMaxDamageRects;
    pulled_ = false;
    if (good) handlers_.on_damage(std::span(damage->rects).first(damage->count));
    return;  // may have destroyed us
  } else if (auto chunk = message_as<display::CursorChunk>(packet)) {
    good = on_cursor_chunk(*chunk);
  } else if (auto moved = message_as<display::CursorMoved>(packet)) {
    return handlers_.on_cursor_moved(moved->x, moved->y);
  } else if (auto locks = message_as<display::LockState>(packet)) {
    return handlers_.on_locks(locks->locks);
  } else {
    good = false;
  }
  if (good) return;
  auto on_close = handlers_.on_close;
  on_close("the display process sent a malformed message");
}

bool DisplayLink::on_geometry(const display::Geometry& geometry) {
  if (!framebuffer_.set_geometry(geometry)) return false;
  auto frame = codec::FrameView::over(framebuffer_.pixels(), 0, framebuffer_.stride(), geometry.width,
                                      geometry.height);
  if (!frame) return false;
  frame_ = *frame;
  handlers_.on_geometry(geometry.width, geometry.height);
  return true;
}

bool DisplayLink::on_cursor_chunk(const display::CursorChunk& chunk) {
  std::size_t total = std::size_t{chunk.width} * chunk.height;
  if (chunk.width > display::kMaxCursorSize || chunk.height > display::kMaxCursorSize) return false;
  if (chunk.count > display::kCursorChunkPixels || chunk.first > total || chunk.count > total - chunk.first)
    return false;
  if (chunk.first == 0) {
    cursor_ = {chunk.serial, chunk.width, chunk.height, chunk.hot_x, chunk.hot_y, {}};
  } else if (chunk.first != cursor_.pixels.size() || chunk.serial != cursor_.serial ||
             chunk.width != cursor_.width || chunk.height != cursor_.height) {
    return false;
  }
  cursor_.pixels.insert(cursor_.pixels.end(), chunk.pixels.begin(), chunk.pixels.begin() + chunk.count);
  if (cursor_.pixels.size() == total) handlers_.on_cursor(cursor_);
  return true;
}

}  // namespace ts::stack
