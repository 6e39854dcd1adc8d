// A Varlink service on Unix sockets: one Connection per client, whose identity is that of connect(2), and
// handlers per method of the interfaces that it registers. org.varlink.service (GetInfo,
// GetInterfaceDescription) is there always. A handler may answer its Call at once or keep it and answer
// later. Nothing blocks; everything happens in the loop. What a client may hold is bounded: connections, one
// call at a time each, sizes of frames and replies.
//
//   service.add_interface(k_ts_session, {{"List", [](std::shared_ptr<Call> call) { call->reply(...); }}});
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/log_limit.h"
#include "lib/base/result.h"
#include "lib/base/unique_fd.h"
#include "lib/net/loop.h"
#include "lib/net/sockets.h"
#include "lib/varlink/call.h"
#include "lib/varlink/connection.h"
#include "lib/varlink/frame.h"
#include "lib/varlink/interface.h"

namespace ts::varlink {

struct ServiceInfo {
  std::string vendor, product, version, url;
};

struct ServiceLimits {
  Limits frames;
  std::size_t reply_bytes = 1024 * 1024;  // that may wait for a client to read them
  std::size_t connections = 512;          // of all strangers together; trusted accounts do not count
  std::size_t connections_per_uid = 64;
  std::set<uid_t> trusted_uids{0};  // daemons of ours, bounded by their own limits
};

class Service {
 public:
  using Handler = std::function<void(std::shared_ptr<Call>)>;
  using Handlers = std::map<std::string, Handler, std::less<>>;
  using Closed = std::function<void(Connection&)>;

  Service(net::Loop& loop, ServiceInfo info, ServiceLimits limits = {});
  ~Service();
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  /// Methods without a handler answer MethodNotImplemented. Fails when the text is malformed or a handler is
  /// for a method that it does not define.
  Result<> add_interface(std::string_view definition, Handlers handlers);
  /// Accepts on a listening Unix stream socket; may be called for several.
  void listen(UniqueFd listening);
  /// Serves a connection that is there already, as one that was accepted.
  void serve(UniqueFd connected) { accept(std::move(connected)); }
  /// Told when a connection is gone (not while the service itself is destroyed); its calls are closed by
  /// then.
  void set_on_closed(Closed callback) { on_closed_ = std::move(callback); }
  std::size_t connections() const { return connections_.size(); }

 private:
  struct Registered {
    Interface interface;
    Handlers handlers;
  };
  void add_own_interface();
  void accept(UniqueFd fd);
  bool admit(const os::Peer& peer);
  void handle_frame(Connection& connection, const std::string& frame);
  void route(const std::shared_ptr<Connection>& connection, nlohmann::json& request);
  void handle_end(Connection& connection, const std::string& reason);
  void complain(const os::Peer& peer, std::string_view what);

  net::Loop& loop_;
  ServiceInfo info_;
  ServiceLimits limits_;
  std::map<std::string, Registered, std::less<>> interfaces_;
  std::map<const Connection*, std::shared_ptr<Connection>> connections_;
  std::map<uid_t, std::size_t> strangers_;  // connections of accounts that are not trusted
  std::vector<std::unique_ptr<net::Acceptor>> acceptors_;
  Closed on_closed_;
  log::Limited complaints_;
};

}  // namespace ts::varlink
