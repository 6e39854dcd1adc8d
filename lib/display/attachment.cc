#include "lib/display/attachment.h"

#include <algorithm>

namespace ts::display {

Attachment::Attachment(net::Loop& loop, UniqueFd socket, X11Desktop& desktop,
                       std::unique_ptr<StackInput> input, Handlers handlers)
    : desktop_(desktop),
      input_(std::move(input)),
      handlers_(std::move(handlers)),
      pointer_sent_(desktop.pointer()),
      typing_(loop, [this] { type_on(); }),
      socket_(loop, std::move(socket),
              {.on_packet = [this](ByteView packet, std::vector<UniqueFd>) { on_packet(packet); },
               .on_close =
                   [this](const std::string&) {
                     auto callback = handlers_.on_end;
                     callback("");  // gone is gone, however it went
                   },
               .on_drain =
                   [this] {
                     auto callback = handlers_.on_activity;
                     callback();
                   }}) {
  announce_size();
}

void Attachment::announce_size() {
  size_pending_ = true;
  damage_.clear();
  damage_.add(Rect{0, 0, desktop_.size().width, desktop_.size().height});
}

void Attachment::on_packet(ByteView packet) {
  if (auto handled = dispatch(packet); !handled) {
    auto callback = handlers_.on_end;
    return callback(handled.error().message);
  }
  auto callback = handlers_.on_activity;
  callback();
}

template <typename T>
Result<> Attachment::input(ByteView packet) {
  auto message = message_as<T>(packet);
  if (!message) return fail(ErrorCode::kMalformed, "message {:#x} of {} bytes", T::kType, packet.size());
  TS_TRY(input_->take(*message));
  if (input_->waiting() && !typing_.active()) typing_.start(StackInput::kWait);
  return {};
}

void Attachment::type_on() {
  if (auto typed = input_->go_on(); !typed) {
    auto callback = handlers_.on_end;
    return callback(typed.error().message);
  }
  if (input_->waiting()) typing_.start(StackInput::kWait);
  auto callback = handlers_.on_activity;
  callback();
}

Result<> Attachment::dispatch(ByteView packet) {
  switch (message_type(packet)) {
    case KeyEvent::kType:
      handlers_.on_input();
      return input<KeyEvent>(packet);
    case UnicodeEvent::kType:
      handlers_.on_input();
      return input<UnicodeEvent>(packet);
    case MouseEvent::kType: {
      handlers_.on_input();
      auto handled = input<MouseEvent>(packet);
      pointer_sent_ = desktop_.pointer();  // its client knows
      return handled;
    }
    case SynchronizeEvent::kType:
      // Asked of us, so it is answered, too: the client and the session may differ now.
      locks_sent_.reset();
      return input<SynchronizeEvent>(packet);
    case Keyboard::kType:
      return input<Keyboard>(packet);
    default:
      break;
  }
  if (message_as<Pull>(packet)) return pull();
  if (auto message = message_as<Refresh>(packet)) {
    refresh(message->area);
    return {};
  }
  if (auto message = message_as<Resize>(packet)) {
    auto callback = handlers_.on_resize;
    callback({message->width, message->height});
    size_pending_ = true;
    return {};
  }
  return fail(ErrorCode::kMalformed, "message {:#x} of {} bytes", message_type(packet), packet.size());
}

Result<> Attachment::pull() {
  constexpr int kMostPulls = 16;  // one is what a stack needs
  if (++pulls_ > kMostPulls)
    return fail(ErrorCode::kMalformed, "{} pulls without waiting for an answer", pulls_);
  return {};
}

void Attachment::refresh(const Rect& area) {
  const bool all = area.width == 0 || area.height == 0;
  damage_.add(all ? Rect{0, 0, desktop_.size().width, desktop_.size().height} : area);
  damage_.clip(desktop_.size());
}

template <typename T>
void Attachment::send(const T& message) {
  // A peer that is gone is heard of through on_close; one that does not read never has much queued.
  (void)socket_.send_message(message);
}

void Attachment::update() {
  if (socket_.queued() > 0) return;  // on_drain comes back here
  if (size_pending_) send_size();
  if (cursor_sent_ != desktop_.cursor().serial) send_cursor();
  if (pointer_sent_ != desktop_.pointer()) {
    pointer_sent_ = desktop_.pointer();
    CursorMoved moved;
    moved.x = static_cast<std::uint16_t>(pointer_sent_.x);
    moved.y = static_cast<std::uint16_t>(pointer_sent_.y);
    send(moved);
  }
  if (const std::uint32_t locks = input_->locks(); locks_sent_ != locks) {
    locks_sent_ = locks;
    LockState state;
    state.locks = locks;
    send(state);
  }
  if (pulls_ > 0 && !damage_.empty()) send_damage();
}

void Attachment::send_size() {
  size_pending_ = false;
  Geometry geometry;
  geometry.offset = desktop_.layout().offset;
  geometry.stride = desktop_.layout().stride;
  geometry.width = desktop_.size().width;
  geometry.height = desktop_.size().height;
  send(geometry);
}

void Attachment::send_cursor() {
  const Cursor& cursor = desktop_.cursor();
  cursor_sent_ = cursor.serial;
  CursorChunk chunk;
  chunk.serial = cursor.serial;
  chunk.width = cursor.width;
  chunk.height = cursor.height;
  chunk.hot_x = cursor.hot_x;
  chunk.hot_y = cursor.hot_y;
  std::size_t first = 0;
  do {
    const std::size_t count = std::min<std::size_t>(kCursorChunkPixels, cursor.pixels.size() - first);
    chunk.first = static_cast<std::uint32_t>(first);
    chunk.count = static_cast<std::uint32_t>(count);
    std::copy_n(cursor.pixels.begin() + static_cast<std::ptrdiff_t>(first), count, chunk.pixels.begin());
    std::fill(chunk.pixels.begin() + static_cast<std::ptrdiff_t>(count), chunk.pixels.end(), 0U);
    send(chunk);
    first += count;
  } while (first < cursor.pixels.size());
}

void Attachment::send_damage() {
  Damage damage;
  damage.count = static_cast<std::uint32_t>(damage_.cover(damage.rects));
  damage_.clear();
  --pulls_;
  send(damage);
}

}  // namespace ts::display
