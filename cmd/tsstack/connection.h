// One RDP connection from its first byte to its last: feeds the acceptor, acts on its events, maps the client
// to a session, and moves pixels and input between the two.
//
// INVARIANT: pixels are pulled. The display is asked for damage only when everything written before has been
// taken by the network, so a slow client gets fewer and newer frames and no queue grows.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "cmd/tsstack/control.h"
#include "cmd/tsstack/display_link.h"
#include "cmd/tsstack/painter.h"
#include "cmd/tsstack/session_link.h"
#include "cmd/tsstack/transport.h"
#include "lib/rdp/acceptor.h"

namespace ts::stack {

class Connection {
 public:
  /// `tls`: made ready for this client. `on_done` is called once, when nothing is left to do but to exit.
  Connection(net::Loop& loop, Control& control, Client client, std::unique_ptr<net::TlsSession> tls,
             std::function<void()> on_done);
  ~Connection();

 private:
  // Protocol (connection.cc)
  void on_input();
  Result<> step(ByteView pdu);
  void handle(rdp::PreconnectionSeen&) {}
  void handle(rdp::CookieSeen& event);
  void handle(rdp::StartTls&);
  void handle(rdp::Refused& event);
  void handle(rdp::ClientConnected& event);
  void handle(rdp::ClientInfo& event);
  void handle(rdp::Activated& event);
  void handle(rdp::ShutdownRequested&);
  void handle(rdp::ClientDisconnects&);
  /// Empties `out`, which is whole PDUs. Each gets a TLS record of its own, as clients are used to up to the
  /// desktop, and as protocol analysers need it later: they decode one fast-path PDU in a record.
  void write(Bytes& out);

  // The end (connection.cc): told to the client as far as the protocol has come, then we wait for its close.
  void end(session::EndReason reason, const std::string& text);
  void say_goodbye();
  void drop(const std::string& text);
  void refuse(const std::string& text);
  void tell_refused(const std::string& text);

  // Session, picture and input (desktop.cc)
  void on_mapped(session::SessionId id, bool logged_on);
  void on_logon(const session::LogonResult& result);
  void on_ticket(const session::ReconnectTicket& ticket);
  void on_display(UniqueFd display, UniqueFd framebuffer);
  void on_geometry(int width, int height);
  void match_size(int width, int height);
  void on_damage(std::span<const display::Rect> rects);
  void on_cursor(const Cursor& cursor);
  void send_cursor();
  void tell_logon();
  void tell_reconnect();
  void pump();
  void handle(rdp::KeyInput& event);
  void handle(rdp::UnicodeInput& event);
  void handle(rdp::MouseInput& event);
  void handle(rdp::SynchronizeInput& event);
  void handle(rdp::RefreshRect& event);
  void handle(rdp::SuppressOutput& event);

  net::Loop& loop_;
  Control& control_;
  std::function<void()> on_done_;
  std::string peer_;
  session::ConnectionId id_;
  Transport transport_;
  rdp::Acceptor acceptor_;
  SessionLink session_;
  net::Timer handshake_timeout_;
  net::Timer goodbye_timeout_;
  net::TimePoint deadline_;  // of the handshake

  std::optional<rdp::ClientConnected> client_;
  session::Credentials credentials_;
  bool have_credentials_ = false;
  bool cookie_presented_ = false;  // and no answer has come yet
  bool cookie_refused_ = false;    // not told to the client yet
  bool accounted_ = false;  // tssession knows of this connection, or tsd was told why it has no session
  std::optional<session::LogonResult> logon_;  // not told to the client yet
  rdp::ServerReconnectCookie new_cookie_;      // if have_new_cookie_: not told to the client yet
  bool have_new_cookie_ = false;
  bool logged_on_ = false;
  session::SessionId session_id_ = 0;
  std::string user_;

  std::unique_ptr<DisplayLink> display_;
  Painter painter_;
  Cursor cursor_;
  std::uint16_t width_ = 0, height_ = 0;  // the client's desktop, 0 before Activated
  int resizes_pending_ = 0;               // Geometry messages until the desktop has the size we asked for
  std::pair<int, int> wanted_{};          // that size
  bool answer_follows_ = false;           // a Geometry that says so, when the one before it did
  bool suppressed_ = false;
  std::pair<int, int> refitted_{};  // the size that the display was last asked to give up
  std::uint32_t locks_ = 0;         // the lock lights as the client has them
  bool locks_told_ = false;         // by the client: every display that is attached has to hear of them

  std::optional<session::EndReason> ending_;  // the client is to be told, or has been
  bool goodbye_said_ = false;
  bool done_ = false;
};

}  // namespace ts::stack
