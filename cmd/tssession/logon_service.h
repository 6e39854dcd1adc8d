// ts.Logon: tsd announces its listener and introduces connections; the stack of an introduced connection asks
// for a session and is answered when there is one, and again when its user's own session has been found.
#pragma once

#include <sys/types.h>

#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <set>
#include <string>
#include <vector>

#include "lib/base/log_limit.h"
#include "lib/session/broker.h"
#include "lib/varlink/service.h"

namespace ts::tssession {

/// What ts.Logon keeps with a Varlink connection.
struct LogonConnection {
  enum class Role { kListener, kIntroduced } role = Role::kListener;
  session::ConnectionId id{};
  std::string client_address;
};

/// The stack's connection: it belongs to a stranger and may call nothing but Connect.
bool is_introduced(const varlink::Connection& connection);
/// True: the call was a stack's. It has been refused, logged at a limited rate, and is the connection's last:
/// no stack of ours makes it.
bool refuse_stack(const std::shared_ptr<varlink::Call>& call);

class LogonService {
 public:
  struct Handlers {
    /// Both return what the broker says; `attach` and `refuse` below follow.
    std::function<Result<>(const session::ConnectionId&)> on_introduce;
    std::function<Result<>(const session::ConnectionId&, const session::ClientInfo&,
                           const std::optional<session::ReconnectWish>&)>
        on_connect;
    std::function<void(const session::ConnectionId&)> on_gone;
    /// One more listener is there, or gone; it answers to ts.Listener on the socket, if that could be made.
    std::function<void(const varlink::Connection*, UniqueFd)> on_listener;
    std::function<void(const varlink::Connection*)> on_listener_gone;
  };

  /// `trusted`: the accounts that tsd may run as.
  LogonService(std::set<uid_t> trusted, Handlers handlers)
      : trusted_(std::move(trusted)), handlers_(std::move(handlers)) {}
  Result<> add_to(varlink::Service& service);

  /// A connection's stack still waits for an answer.
  bool waits(const session::ConnectionId& connection) const;
  /// The process that asked for a session: the kernel's word, which no stack can bend. 0: not known.
  pid_t stack_of(const session::ConnectionId& connection) const;
  Result<> attach(const session::AttachAction& action, UniqueFd stack_end);
  void refuse(const session::RefuseAction& action);
  void connection_closed(varlink::Connection& connection);
  /// Addresses of the listeners that are there; empty: none.
  std::vector<std::string> listening() const;
  bool has_listener() const { return !listeners_.empty(); }

 private:
  using CallPtr = std::shared_ptr<varlink::Call>;
  void handle_listen(const CallPtr& call);
  void handle_introduce(const CallPtr& call);
  void handle_connect(const CallPtr& call);
  bool from_listener(const CallPtr& call);
  void deny(const CallPtr& call, std::string_view message);

  std::set<uid_t> trusted_;
  Handlers handlers_;
  std::map<const varlink::Connection*, std::vector<std::string>> listeners_;
  std::map<session::ConnectionId, CallPtr> calls_;
  log::Limited log_;
};

}  // namespace ts::tssession
