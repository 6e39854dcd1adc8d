// ts.Session: sessions for people and scripts. Who may see and do what is lib/session/access.h; requests are
// answered when what they ask for has happened.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "cmd/tssession/kill_requests.h"
#include "cmd/tssession/session_watch.h"
#include "lib/net/loop.h"
#include "lib/session/access.h"
#include "lib/session/session_table.h"
#include "lib/varlink/service.h"

namespace ts::tssession {

class SessionService {
 public:
  struct Handlers {
    std::function<void(session::SessionId, session::EndReason)> disconnect;
    std::function<void(session::SessionId, session::EndReason)> end_session;
    std::function<void(session::SessionId, session::EndReason)> reset_session;
    std::function<void(session::SessionId)> end_host;  // it did not end in time
    /// Answers the call with the session's processes.
    std::function<void(const std::shared_ptr<varlink::Call>&, session::SessionId)> list_processes;
    /// Answers the call with what the session shows.
    std::function<void(const std::shared_ptr<varlink::Call>&, session::SessionId)> take_picture;
    /// Answers the call when a message is up, or answered.
    std::function<void(const std::shared_ptr<varlink::Call>&, session::SessionId)> show_message;
    KillRequests::Send signal;
    /// Returns the connection that is to show session `to`.
    std::function<Result<session::ConnectionId>(session::SessionId from, session::SessionId to)> move_client;
    /// Addresses of the listener; empty optional: there is none.
    std::function<std::optional<std::vector<std::string>>()> listening;
  };

  SessionService(net::Loop& loop, const session::SessionTable& table, std::chrono::milliseconds end_timeout,
                 Handlers handlers);
  Result<> add_to(varlink::Service& service);
  /// Sessions have changed: answers the requests that are done, and tells those that watch.
  void update();
  void signalled(session::SessionId id, const session::ProcessesSignalled& answer);

 private:
  using CallPtr = std::shared_ptr<varlink::Call>;
  struct Request {
    enum class Kind { kDisconnect, kEnd, kConnect };
    CallPtr call;
    Kind kind = Kind::kDisconnect;
    session::SessionId id = 0;
    session::ConnectionId connection{};  // that is to go, or to come
    net::TimePoint deadline{};           // not for Disconnect
    bool late = false;
  };
  void handle_list(const CallPtr& call);
  void handle_watch(const CallPtr& call);
  void handle_processes(const CallPtr& call);
  void note_look(const char* what, session::SessionId id, const varlink::Call& call) const;
  void handle_screenshot(const CallPtr& call);
  void handle_message(const CallPtr& call);
  void handle_disconnect(const CallPtr& call);
  void handle_logoff(const CallPtr& call);
  void handle_reset(const CallPtr& call);
  void handle_kill(const CallPtr& call);
  void handle_connect(const CallPtr& call);
  void wait_for_end(const CallPtr& call, session::SessionId id, std::chrono::milliseconds patience);
  void add(Request request);
  bool is_done(const Request& request) const;
  void handle_late();

  const session::SessionTable& table_;
  std::chrono::milliseconds end_timeout_;
  Handlers handlers_;
  std::vector<Request> requests_;
  KillRequests kills_;
  SessionWatch watchers_;
  net::Timer late_;
};

}  // namespace ts::tssession
