// Clients that come back to this session by themselves after a lost connection: keeps the session's cookie
// (its rules: lib/session/reconnect_cookie.h), hands it to the attached stack, has it renewed in time, and
// answers tssession's VerifyReconnect. A good cookie is not enough: the account must still be one that may
// log on, which a tsuserinit of its own finds out, since the account's modules may block and the
// configuration may have changed.
#pragma once

#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>

#include "cmd/tshost/userinit_link.h"
#include "lib/net/loop.h"
#include "lib/session/host_machine.h"
#include "lib/session/reconnect_cookie.h"

namespace ts::host {

class Reconnection {
 public:
  struct Handlers {
    /// To the attached stack. Wiped by the caller.
    std::function<void(const session::ReconnectTicket&)> on_ticket;
    std::function<void(const session::ReconnectVerified&)> on_verified;
    std::function<const session::HostState&()> state;
    std::function<Result<std::unique_ptr<UserinitLink>>(UserinitLink::Handlers)> start_userinit;
  };

  /// `enabled`: sessions.auto_reconnect. `interval`: of a cookie's renewal.
  Reconnection(net::Loop& loop, bool enabled, Handlers handlers,
               std::chrono::milliseconds interval = session::ReconnectCookie::kInterval);

  void change(session::CookieChange change);
  void verify(const session::VerifyReconnect& message);
  /// Whether this connection is the one that was found good last, with a cookie that is not void since.
  bool proved(const session::ConnectionId& connection) const { return proved_ == connection; }
  /// The session ends: nothing more is found out.
  void stop();

 private:
  struct Check {
    session::VerifyReconnect asked;
    std::unique_ptr<UserinitLink> userinit;
    std::unique_ptr<net::Timer> late;
  };
  void give(bool renewed);
  void on_due();
  void set_timer();
  void begin_check(const session::VerifyReconnect& message);
  /// Empty: it is good.
  void answer(const session::VerifyReconnect& asked, std::string_view why_not);
  void end_check(const Check* check, std::string_view why_not);
  std::string_view judge(const session::UserinitResult& result) const;

  net::Loop& loop_;
  bool enabled_;
  Handlers handlers_;
  session::ReconnectCookie cookie_;
  std::optional<session::ConnectionId> proved_;
  std::list<std::unique_ptr<Check>> checks_;
  net::Timer due_;
};

}  // namespace ts::host
