// The listeners as ts.Listener knows them: asked, all at once, when somebody wants to know, over the socket
// that each got with the answer to ts.Logon.Listen.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "lib/net/loop.h"
#include "lib/varlink/client.h"

namespace ts::tssession {

/// As ts.Listener has it.
struct ListenerConnection {
  std::string id, peer_address, since;
  std::optional<std::string> security, cipher;
  std::optional<std::int64_t> received, sent, round_trip_us;
};

struct ListenerTotals {
  std::int64_t uptime = 0;  // seconds, of the one that began last
  std::int64_t accepted = 0, refused = 0, received = 0, sent = 0;
};

struct ListenersStatus {
  std::optional<ListenerTotals> totals;  // empty: none has answered
  std::vector<ListenerConnection> connections;
};

class ListenerLinks {
 public:
  using Key = const void*;  // a listener's Varlink connection
  using OnStatus = std::function<void(const ListenersStatus&)>;

  explicit ListenerLinks(net::Loop& loop) : loop_(loop) {}

  void add(Key key, UniqueFd socket);
  void remove(Key key);
  /// `on_status` is called when all have answered or gone, or after a few seconds with what has come; perhaps
  /// at once. However many ask, listeners are asked one question at a time.
  void ask(OnStatus on_status);

 private:
  struct Asking {
    ListenersStatus status;
    std::set<Key> waiting;
    std::vector<OnStatus> on_status;
    std::unique_ptr<net::Timer> late;
  };
  void start(std::vector<OnStatus> on_status);
  void on_reply(Key key, std::uint64_t number, const varlink::Reply& reply);
  void answered(Key key, std::uint64_t number);
  void finish(std::uint64_t number);

  net::Loop& loop_;
  std::vector<OnStatus> next_;  // came while listeners are being asked: what they say now is older
  std::map<Key, std::unique_ptr<varlink::AsyncClient>> links_;
  std::uint64_t last_number_ = 0;
  std::map<std::uint64_t, Asking>
      askings_;  // one that is given up is gone, and its late replies mean nothing
};

}  // namespace ts::tssession
