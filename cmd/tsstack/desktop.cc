// The part of a connection that deals with the session: mapping, logon, picture, pointer, input.
#include "cmd/tsstack/connection.h"
#include "lib/base/log.h"
#include "lib/base/random.h"

namespace ts::stack {
namespace {

// Bytes that may wait for the network before we stop painting: about what a 10 Mbit/s line carries in 50 ms.
constexpr std::size_t kPaintBudget = 64 * 1024;

}  // namespace

void Connection::on_mapped(session::SessionId id, bool logged_on) {
  session_id_ = id;
  display_.reset();  // the new host sends its own
  have_new_cookie_ = false;
  if (std::exchange(cookie_presented_, false) && !logged_on) cookie_refused_ = true;
  tell_reconnect();
  if (logged_on) wipe(&credentials_.password, sizeof credentials_.password);
  if (logged_on || !have_credentials_) return;
  have_credentials_ = false;
  auto sent = session_.send_credentials(credentials_);
  wipe(&credentials_.password, sizeof credentials_.password);
  if (!sent) return end(session::EndReason::kServerDenied, sent.error().message);
  // While the session makes ready, and the client its window.
  if (width_ == 0) painter_.expect(client_->width, client_->height);
}

void Connection::on_logon(const session::LogonResult& result) {
  logon_ = result;
  if (result.status == session::LogonStatus::kLoggedOn) {
    if (!std::exchange(logged_on_, true)) control_.tell_logged_on();
    user_ = result.user.str();
    log::info("Logged on peer={} session={} user={} security=\"{}\"", peer_, result.session_id,
              log::escaped(user_), transport_.description());
  }
  tell_logon();
}

void Connection::tell_logon() {
  if (!logon_ || !acceptor_.active()) return;
  Bytes out;
  if (logon_->status == session::LogonStatus::kLoggedOn)
    acceptor_.logged_on(logon_->session_id, logon_->user.view(), logon_->domain.view(), out);
  else if (logon_->status == session::LogonStatus::kBadCredentials)
    acceptor_.logon_error(rdp::LogonErrorType::kSessionContinue, rdp::LogonErrorData::kBadPassword, out);
  else if (logon_->status == session::LogonStatus::kAccountRefused)
    acceptor_.logon_error(rdp::LogonErrorType::kNoPermission, rdp::LogonErrorData::kOther, out);
  else
    acceptor_.logon_error(rdp::LogonErrorType::kSessionContinue, rdp::LogonErrorData::kOther, out);
  logon_.reset();
  write(out);
}

void Connection::on_ticket(const session::ReconnectTicket& ticket) {
  new_cookie_.session_id = ticket.session_id;
  new_cookie_.random_bits = ticket.bits;
  have_new_cookie_ = true;
  tell_reconnect();
}

/// After tell_logon(): clients expect to hear first that they are logged on.
void Connection::tell_reconnect() {
  if (!acceptor_.active()) return;
  Bytes out;
  if (std::exchange(cookie_refused_, false)) acceptor_.reconnect_failed(out);
  if (std::exchange(have_new_cookie_, false)) {
    acceptor_.reconnect_cookie(new_cookie_, out);
    wipe(&new_cookie_, sizeof new_cookie_);
  }
  write(out);
  wipe(out.data(), out.capacity());  // empty by now, but the cookie was in it
}

void Connection::on_display(UniqueFd display, UniqueFd framebuffer) {
  if (ending_) return;
  auto opened = DisplayLink::open(
      loop_, std::move(display), std::move(framebuffer),
      {.on_geometry = [this](int width, int height) { on_geometry(width, height); },
       .on_damage = [this](std::span<const display::Rect> rects) { on_damage(rects); },
       .on_cursor = [this](const Cursor& cursor) { on_cursor(cursor); },
       .on_cursor_moved =
           [this](std::uint16_t x, std::uint16_t y) {
             Bytes out;
             if (auto* updates = acceptor_.updates()) updates->move_pointer(x, y, out);
             write(out);
           },
       .on_locks =
           [this](std::uint32_t locks) {
             if (std::exchange(locks_, locks) == locks) return;
             Bytes out;
             acceptor_.keyboard_indicators(locks, out);
             write(out);
           },
       .on_close =
           [this](const std::string& reason) {
             // The host starts another display process, whose socket comes with the next Display message.
             log::warning("Lost the display process session={} reason=\"{}\"", session_id_, reason);
             display_.reset();
           }});
  if (!opened) return end(session::EndReason::kNone, opened.error().message);
  display_ = std::move(*opened);
  painter_.forget_cursors();  // another display counts its cursors from the start again
  display_->send(display::Keyboard{.layout = client_->keyboard_layout,
                                   .type = client_->keyboard_type,
                                   .subtype = client_->keyboard_subtype});
  // Clients say it once, often before there is a display, and never again when they are moved to another one.
  if (locks_told_) display_->send(display::SynchronizeEvent{.locks = locks_});
  auto width = width_ != 0 ? width_ : client_->width, height = height_ != 0 ? height_ : client_->height;
  answer_follows_ = false;
  resizes_pending_ = 2;  // the first Geometry tells the size before, the second answers this
  wanted_ = {width, height};
  display_->send(display::Resize{.width = width, .height = height});
  if (acceptor_.active()) painter_.forget({});
}

void Connection::on_geometry(int width, int height) {
  const bool as_wanted = std::pair(width, height) == wanted_;
  if (std::exchange(answer_follows_, false) && as_wanted) return;  // painted already
  if (resizes_pending_ > 0) --resizes_pending_;
  // The session has it already, most often: the answer will say the same.
  if (resizes_pending_ > 0 && as_wanted) {
    resizes_pending_ = 0;
    answer_follows_ = true;
  }
  match_size(width, height);
}

void Connection::match_size(int width, int height) {
  if (resizes_pending_ > 0 || !acceptor_.active()) return;
  if (width != width_ || height != height_) {
    // The session cannot have, or no longer has, the client's size: the client follows, and where it cannot
    // (an odd width, which a program may well set) both take the nearest size that clients can have.
    const auto [fit_width, fit_height] =
        acceptor_.fit(static_cast<std::uint16_t>(width), static_cast<std::uint16_t>(height));
    if (fit_width != width || fit_height != height) {
      if (std::exchange(refitted_, {width, height}) == std::pair(width, height)) return;
      return display_->send(display::Resize{.width = fit_width, .height = fit_height});
    }
    refitted_ = {};
    Bytes out;
    acceptor_.reactivate(static_cast<std::uint16_t>(width), static_cast<std::uint16_t>(height), out);
    return write(out);
  }
  painter_.forget({});
  pump();
}

void Connection::on_damage(std::span<const display::Rect> rects) {
  for (const auto& rect : rects) painter_.damage({rect.x, rect.y, rect.width, rect.height});
  pump();
}

void Connection::on_cursor(const Cursor& cursor) {
  cursor_ = cursor;
  send_cursor();
}

void Connection::send_cursor() {
  auto* updates = acceptor_.updates();
  if (updates == nullptr || !display_ || suppressed_) return;
  Bytes out;
  if (auto shown = painter_.show_cursor(cursor_, *updates, out); !shown)
    log::debug("A pointer shape could not be sent reason=\"{}\"", shown.error().message);
  write(out);
}

void Connection::pump() {
  auto* updates = acceptor_.updates();
  if (updates == nullptr || !display_ || suppressed_ || ending_ || resizes_pending_ > 0 || done_) return;
  const auto& frame = display_->frame();
  if (frame.width() != width_ || frame.height() != height_) return;
  while (painter_.has_work() && transport_.pending() < kPaintBudget) {
    Bytes out;
    if (auto painted = painter_.paint(frame, *updates, kPaintBudget, out); !painted)
      return end(session::EndReason::kNone, painted.error().message);
    write(out);
    if (done_) return;
  }
  if (!painter_.has_work() && transport_.pending() == 0) display_->pull();
}

void Connection::handle(rdp::KeyInput& event) {
  if (!display_) return;
  display_->send(display::KeyEvent{
      .code = event.code, .extended = event.extended, .down = static_cast<std::uint8_t>(event.down ? 1 : 0)});
}

void Connection::handle(rdp::UnicodeInput& event) {
  if (!display_) return;
  display_->send(display::UnicodeEvent{.code_point = event.code_point, .down = event.down ? 1u : 0u});
}

void Connection::handle(rdp::MouseInput& event) {
  if (!display_) return;
  display_->send(display::MouseEvent{.x = event.x,
                                     .y = event.y,
                                     .button = event.button,
                                     .down = static_cast<std::uint8_t>(event.down ? 1 : 0),
                                     .move = static_cast<std::uint8_t>(event.move ? 1 : 0),
                                     .wheel_vertical = event.wheel_vertical,
                                     .wheel_horizontal = event.wheel_horizontal});
}

void Connection::handle(rdp::SynchronizeInput& event) {
  locks_ = event.locks;
  locks_told_ = true;
  if (display_) display_->send(display::SynchronizeEvent{.locks = event.locks});
}

void Connection::handle(rdp::RefreshRect& event) {
  for (const auto& rect : event.rects)
    painter_.forget({rect.left, rect.top, rect.right - rect.left + 1, rect.bottom - rect.top + 1});
  pump();
}

void Connection::handle(rdp::SuppressOutput& event) {
  if (std::exchange(suppressed_, event.suppressed) && !suppressed_) {
    painter_.forget({});
    send_cursor();
    pump();
  }
}

}  // namespace ts::stack
