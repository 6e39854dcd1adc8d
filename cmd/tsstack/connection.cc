#include "cmd/tsstack/connection.h"

#include <algorithm>

#include "lib/base/log.h"
#include "lib/rdp/tpkt.h"

namespace ts::stack {
namespace {

using namespace std::chrono_literals;

/// From the stack's start on it until TLS is there, which takes a client some round trips and asks nobody
/// anything.
constexpr std::chrono::milliseconds kSecureTimeout = 15s;

}  // namespace

Connection::Connection(net::Loop& loop, Control& control, Client client, std::unique_ptr<net::TlsSession> tls,
                       std::function<void()> on_done)
    : loop_(loop),
      control_(control),
      on_done_(std::move(on_done)),
      peer_(client.peer_address),
      id_(client.connection),
      transport_(
          loop, std::move(client.socket), std::move(tls),
          {.on_input = [this] { on_input(); },
           .on_bad_bytes = [this](const std::string& reason) { refuse(reason); },
           .on_drain = [this] { pump(); },
           .on_close =
               [this](const std::string& reason) { drop(reason.empty() ? "the client left" : reason); },
           .on_secure =
               [this](const net::TlsSession& tls) {
                 control_.tell_secured(tls.version(), tls.cipher());
                 auto left = deadline_ - net::Clock::now();
                 handshake_timeout_.start(std::max(std::chrono::ceil<std::chrono::milliseconds>(left), 1ms));
               }}),
      session_(loop, std::move(client.session),
               {.on_mapped = [this](session::SessionId id, bool logged_on) { on_mapped(id, logged_on); },
                .on_display = [this](UniqueFd display,
                                     UniqueFd frame) { on_display(std::move(display), std::move(frame)); },
                .on_logon = [this](const session::LogonResult& result) { on_logon(result); },
                .on_ticket = [this](const session::ReconnectTicket& ticket) { on_ticket(ticket); },
                .on_end = [this](session::EndReason reason, const std::string& text) { end(reason, text); }}),
      handshake_timeout_(loop, [this] { refuse(fmt::format("timed out {}", acceptor_.state_name())); }),
      goodbye_timeout_(loop, [this] { drop("the client did not close"); }),
      deadline_(net::Clock::now() + client.handshake_timeout) {
  handshake_timeout_.start(std::min(client.handshake_timeout, kSecureTimeout));
}

Connection::~Connection() {
  wipe(&credentials_, sizeof credentials_);
  wipe(&new_cookie_, sizeof new_cookie_);
}

void Connection::on_input() {
  while (!done_) {
    auto size = acceptor_.frame_size(transport_.received());
    if (!size) return refuse(fmt::format("{} ({})", size.error().message, acceptor_.state_name()));
    if (!*size || transport_.received().size() < **size) return;
    auto view = transport_.received().first(**size);
    Bytes pdu(view.begin(), view.end());
    transport_.consume(pdu.size());
    if (goodbye_said_) continue;  // it may still talk while it says goodbye
    auto stepped = step(pdu);
    wipe(pdu.data(), pdu.size());  // it may have held the password
    if (!stepped) return refuse(fmt::format("{} ({})", stepped.error().message, acceptor_.state_name()));
  }
}

Result<> Connection::step(ByteView pdu) {
  Bytes out;
  std::vector<rdp::Event> events;
  TS_TRY(acceptor_.step(pdu, out, events));
  write(out);
  for (auto& event : events) {
    if (done_) break;
    std::visit([this](auto& e) { handle(e); }, event);
  }
  return {};
}

void Connection::write(Bytes& out) {
  for (ByteView rest(out); !rest.empty() && !done_;) {
    auto size = rdp::pdu_size(rest);
    ByteView pdu = rest.first(size && *size ? std::min(**size, rest.size()) : rest.size());
    rest = rest.subspan(pdu.size());
    if (auto written = transport_.write(pdu); !written) drop(written.error().message);
  }
  out.clear();
}

void Connection::handle(rdp::CookieSeen& event) {
  log::debug("Connection request peer={} user={} token={}", peer_, log::escaped(event.user),
             log::escaped(event.routing_token));
}

void Connection::handle(rdp::StartTls&) {
  if (auto started = transport_.start_tls(); !started) refuse(started.error().message);
}

void Connection::handle(rdp::Refused& event) {
  log::info("Connection refused peer={} reason=\"{}\"", peer_, log::escaped(event.text));
  tell_refused(event.text);
  ending_ = session::EndReason::kServerDenied;
  goodbye_said_ = true;
  transport_.finish();
  goodbye_timeout_.start(5s);
}

void Connection::handle(rdp::ClientConnected& event) {
  client_ = event;
}

void Connection::handle(rdp::ClientInfo& event) {
  handshake_timeout_.stop();
  credentials_.user.assign(event.user);
  credentials_.domain.assign(event.domain);
  credentials_.password.assign(event.password.text());
  credentials_.program.assign(event.program);
  credentials_.folder.assign(event.folder);
  have_credentials_ = true;
  SessionLink::ClientDescription description{client_->name,  client_->width, client_->height,
                                             client_->depth, client_->scale, client_->keyboard_layout};
  std::optional<SessionLink::Reconnect> reconnect;
  if (auto& cookie = event.reconnect_cookie) {
    // What the client has said is good for other connections, too: it stays here.
    reconnect.emplace(
        SessionLink::Reconnect{cookie->session_id, session::reconnect_proof(cookie->verifier, id_)});
    wipe(&*cookie, sizeof *cookie);
    cookie_presented_ = true;
  }
  if (auto asked = session_.connect(description, reconnect); !asked) {
    tell_refused(asked.error().message);
    end(session::EndReason::kServerDenied, asked.error().message);
  }
  accounted_ = true;
}

void Connection::handle(rdp::Activated& event) {
  width_ = event.width;
  height_ = event.height;
  Bytes out;
  painter_.activate(event, *acceptor_.updates(), out);
  write(out);
  tell_logon();
  tell_reconnect();
  if (ending_) return say_goodbye();
  send_cursor();
  if (display_) match_size(display_->frame().width(), display_->frame().height());
  pump();
}

void Connection::handle(rdp::ShutdownRequested&) {
  if (!logged_on_) return end(session::EndReason::kNone, "the client's window was closed");
  Bytes out;
  acceptor_.deny_shutdown(out);
  write(out);
}

void Connection::handle(rdp::ClientDisconnects&) {
  drop("the client disconnected");
}

void Connection::end(session::EndReason reason, const std::string& text) {
  if (ending_ || done_) return;
  ending_ = reason;
  log::info("Connection ends peer={} session={} user={} reason=\"{}\"", peer_, session_id_,
            log::escaped(user_), log::escaped(text));
  display_.reset();
  goodbye_timeout_.start(10s);  // also for a client that never gets as far as to be told
  // A client that is being activated is told once it is through: some take nothing else before.
  if (!client_ || acceptor_.active()) say_goodbye();
}

void Connection::say_goodbye() {
  if (std::exchange(goodbye_said_, true)) return;
  Bytes out;
  acceptor_.end(session::error_info_code(*ending_), out);
  write(out);
  if (done_) return;
  // The client closes; rdesktop would take our closing first for a broken network.
  // Before TLS nothing can be said: then our closing is all that it gets.
  if (!transport_.secure()) transport_.finish();
  goodbye_timeout_.start(5s);
}

/// For the event log: who has asked for a session is tssession's from then on.
void Connection::tell_refused(const std::string& text) {
  if (!std::exchange(accounted_, true)) control_.tell_refused(text);
}

/// Our end of it: not the client, which did what it should not, or nothing.
void Connection::refuse(const std::string& text) {
  if (!done_) tell_refused(text);
  drop(text);
}

void Connection::drop(const std::string& text) {
  if (std::exchange(done_, true)) return;
  if (!ending_)
    log::info("Connection ended peer={} session={} user={} reason=\"{}\" received={} sent={}", peer_,
              session_id_, log::escaped(user_), log::escaped(text), transport_.bytes_in(),
              transport_.bytes_out());
  display_.reset();
  transport_.finish();
  on_done_();
}

}  // namespace ts::stack
