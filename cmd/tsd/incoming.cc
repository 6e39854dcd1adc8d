#include "cmd/tsd/incoming.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <nlohmann/json.hpp>

#include "generated/ts_logon_varlink.h"
#include "lib/base/random.h"
#include "lib/net/sockets.h"
#include "lib/session/connection_text.h"

namespace ts::tsd {
namespace {

using namespace std::chrono_literals;

/// Every client speaks first, and at once.
constexpr std::chrono::milliseconds kFirstByte = 10s;

// A client on a cut network is noticed within a minute and a half; unsent pixels wait in our hands, where a
// newer frame can replace them, rather than in the kernel's buffer.
void tune(int socket) {
  auto set = [socket](int level, int option, int value) {
    ::setsockopt(socket, level, option, &value, sizeof value);
  };
  set(IPPROTO_TCP, TCP_NODELAY, 1);
  set(SOL_SOCKET, SO_KEEPALIVE, 1);
  set(IPPROTO_TCP, TCP_KEEPIDLE, 30);
  set(IPPROTO_TCP, TCP_KEEPINTVL, 10);
  set(IPPROTO_TCP, TCP_KEEPCNT, 6);
  set(IPPROTO_TCP, TCP_USER_TIMEOUT, 60'000);       // milliseconds
  set(IPPROTO_TCP, TCP_NOTSENT_LOWAT, 128 * 1024);  // bytes
}

}  // namespace

Incoming::Incoming(net::Loop& loop, UniqueFd client, std::filesystem::path session_socket,
                   std::chrono::milliseconds timeout, Handlers handlers)
    : loop_(loop),
      client_(std::move(client)),
      session_socket_(std::move(session_socket)),
      handlers_(std::move(handlers)),
      peer_address_(net::peer_address(client_.get())),
      network_(net::peer_network(client_.get())),
      deadline_(came_ + timeout),
      first_byte_(loop, client_.get(),
                  [this](net::Poller::Ready) {
                    first_byte_.watch(false, false);
                    if (has_left()) return end("");
                    timeout_.start(time_left());
                    auto on_spoke = handlers_.on_spoke;  // its owner may destroy us
                    on_spoke();
                  }),
      timeout_(loop, [this] { end("nothing came in time, or no session or stack was free"); }),
      retry_(loop, [this] { introduce(); }) {
  tune(client_.get());
  fill_random(std::as_writable_bytes(std::span(connection_)));
  timeout_.start(std::min(timeout, kFirstByte));
  first_byte_.watch(true, false);
}

/// Without a byte.
bool Incoming::has_left() const {
  std::byte peek;
  return ::recv(client_.get(), &peek, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

void Incoming::introduce() {
  if (has_left()) return end("");
  auto fd = net::connect_unix(session_socket_, net::SocketKind::kStream);
  if (!fd) {
    retry_.start(200ms);  // tssession is being restarted: the client waits, up to its timeout
    return;
  }
  introducer_ = std::make_unique<varlink::AsyncClient>(loop_, std::move(*fd), [this](const std::string&) {
    introducer_.reset();
    retry_.start(200ms);
  });
  nlohmann::json parameters{{"connection", session::connection_text(connection_)},
                            {"client_address", peer_address_}};
  auto called = introducer_->expect(varlink::k_ts_logon);
  if (called)
    called = introducer_->call("ts.Logon.Introduce", parameters, varlink::AsyncClient::Mode::kOnce,
                               [this](varlink::Reply reply) { on_reply(std::move(reply)); });
  if (!called) end(called.error().message);
}

void Incoming::on_reply(varlink::Reply reply) {
  if (!reply.ok()) return end("tssession refused it: " + reply.as_error().message);
  auto released = introducer_->release();
  if (!released) return end(released.error().message);
  session_ = std::move(*released);
  auto on_introduced = handlers_.on_introduced;  // its owner may destroy us
  on_introduced();
}

void Incoming::end(const std::string& reason) {
  auto on_end = handlers_.on_end;  // its owner destroys us
  on_end(reason);
}

Incoming::Introduced Incoming::take() {
  return {std::move(client_), std::move(session_),
          connection_,        peer_address_,
          time_left(),        since_,
          network_,           came_};
}

/// Of the handshake timeout.
std::chrono::milliseconds Incoming::time_left() const {
  auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline_ - net::Clock::now());
  return std::max(left, std::chrono::milliseconds(1));
}

ConnectionStatus Incoming::status() const {
  return {.id = connection_,
          .peer_address = peer_address_,
          .since = since_,
          .tcp = net::tcp_figures(client_.get())};
}

}  // namespace ts::tsd
