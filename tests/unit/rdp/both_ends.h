// A connector and an acceptor that talk to each other in memory, each driven as its driver does it; TLS is
// taken as done. What both said stays for fuzz targets and tests that replay or bend it.
#pragma once

#include "lib/rdp/acceptor.h"
#include "lib/rdp/connector.h"
#include "lib/rdp/tpkt.h"

namespace ts::rdp::test {

struct BothEnds {
  Connector client;
  Acceptor server;
  std::vector<ServerEvent> client_events;  // what the client was told
  std::vector<Event> server_events;
  std::vector<Bytes> from_server;  // every PDU so far
  Bytes to_client, to_server;
  std::string broken;  // who complained, and of what
  bool stop_before_logon = false;

  ClientInfo credentials(const char* user = "alice", const char* password = "s3cret") const {
    ClientInfo info;
    info.user = user;
    info.domain = "HOST";
    info.password = Secret(password);
    return info;
  }

  explicit BothEnds(ConnectorOptions options = {}, AcceptorOptions limits = {})
      : client(std::move(options)), server(limits) {}

  void connect() {
    client.start(to_server);
    pump();
  }

  /// Until both have nothing more to say.
  void pump() {
    while (broken.empty() && (!to_client.empty() || !to_server.empty())) {
      while (broken.empty() && !to_server.empty()) give_server();
      while (broken.empty() && !to_client.empty()) give_client();
    }
  }

  template <typename E>
  std::vector<const E*> told() const {
    std::vector<const E*> found;
    for (const auto& event : client_events) {
      if (auto* match = std::get_if<E>(&event)) found.push_back(match);
    }
    return found;
  }
  template <typename E>
  std::vector<const E*> heard() const {
    std::vector<const E*> found;
    for (const auto& event : server_events) {
      if (auto* match = std::get_if<E>(&event)) found.push_back(match);
    }
    return found;
  }

 private:
  static Bytes cut(Bytes& from, std::size_t size) {
    Bytes pdu(from.begin(), from.begin() + static_cast<std::ptrdiff_t>(size));
    from.erase(from.begin(), from.begin() + static_cast<std::ptrdiff_t>(size));
    return pdu;
  }

  template <typename End>
  Bytes next(End& end, Bytes& from, const char* who) {
    auto size = end.frame_size(from);
    if (!size || !*size || **size > from.size()) {
      broken = std::string(who) + " cannot cut: " + (size ? "incomplete" : size.error().message);
      return {};
    }
    return cut(from, **size);
  }

  void give_server() {
    Bytes pdu = next(server, to_server, "server");
    if (pdu.empty()) return;
    if (auto done = server.step(pdu, to_client, server_events); !done)
      broken = "server: " + done.error().message;
  }

  void give_client() {
    Bytes pdu = next(client, to_client, "client");
    if (pdu.empty()) return;
    from_server.push_back(pdu);
    std::size_t before = client_events.size();
    if (auto done = client.step(pdu, to_server, client_events); !done) {
      broken = "client: " + done.error().message;
      return;
    }
    for (std::size_t i = before; i < client_events.size(); ++i) {
      if (std::holds_alternative<TlsSelected>(client_events[i])) client.secured(to_server);
      if (std::holds_alternative<ReadyForLogon>(client_events[i]) && !stop_before_logon) {
        if (auto done = client.log_on(credentials(), to_server); !done) broken = done.error().message;
      }
    }
  }
};

}  // namespace ts::rdp::test
