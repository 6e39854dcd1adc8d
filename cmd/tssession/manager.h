// The session manager: carries events from sockets to the broker (lib/session/broker.h), which decides, and
// the broker's actions back to hosts, stacks and tsspawn; has the chronicle told of both. Owns every socket;
// decides nothing itself.
#pragma once

#include <functional>
#include <map>
#include <memory>

#include "cmd/tssession/chronicle.h"
#include "cmd/tssession/host_links.h"
#include "cmd/tssession/logon_service.h"
#include "cmd/tssession/message_service.h"
#include "cmd/tssession/picture_service.h"
#include "cmd/tssession/process_service.h"
#include "cmd/tssession/server_control.h"
#include "cmd/tssession/server_service.h"
#include "cmd/tssession/session_service.h"
#include "cmd/tssession/spawn_link.h"
#include "lib/base/log_limit.h"
#include "lib/config/config.h"
#include "lib/events/event_log.h"
#include "lib/net/loop.h"
#include "lib/session/broker.h"
#include "lib/session/logon_throttle.h"
#include "lib/varlink/service.h"

namespace ts::tssession {

struct Sockets {
  UniqueFd varlink;
  UniqueFd hosts;
};

class Manager {
 public:
  struct Handlers {
    std::function<void()> on_ready;  // once: the console and the idle sessions are up
    /// Sessions cannot be started, and none ever could since this process began.
    std::function<void(const Error&)> on_failed;
  };

  /// `log` is borrowed.
  static Result<std::unique_ptr<Manager>> start(net::Loop& loop, const config::Config& config,
                                                events::EventLog& log, Sockets sockets, Handlers handlers);

 private:
  Manager(net::Loop& loop, const config::Config& config, events::EventLog& log, Sockets sockets,
          Handlers handlers);
  Result<> serve(UniqueFd listening);
  SpawnLink::Handlers spawn_handlers();
  HostLinks::Handlers host_handlers();
  LogonService::Handlers logon_handlers();
  SessionService::Handlers session_handlers();
  ServerService::Handlers server_handlers();
  ServerControl::Handlers control_handlers(events::EventLog& log);

  /// After every event: carries out what the broker wants, answers who waits, sets the clock.
  void settle();
  void carry_out(const session::StartHostAction& action);
  void carry_out(const session::EndHostAction& action);
  void carry_out(const session::StartShellAction& action);
  void carry_out(const session::EndSessionAction& action);
  void carry_out(const session::AttachAction& action);
  void carry_out(const session::VerifyReconnectAction& action);
  void carry_out(const session::ReconnectFailedAction& action);
  void carry_out(const session::RefuseAction& action);
  void carry_out(const session::DenyShellAction& action);
  void carry_out(const session::OfferAction& action);
  void carry_out(const session::ShortageAction& action);
  void carry_out(const session::StartFailedAction& action);
  Result<> attach(const session::AttachAction& action);
  void tell_host(session::SessionId id, const Result<>& sent);
  void permit(session::SessionId id, const session::LogonAttempt& attempt);
  void tell_slowed(std::chrono::milliseconds delay, std::string_view user, std::string_view address,
                   session::SessionId id);
  session::ReconnectWish priced(session::ReconnectWish wish, const session::ClientInfo& client);
  void reconnect_verified(session::SessionId id, const session::ReconnectVerified& message);

  Handlers handlers_;
  bool was_ready_ = false;
  bool settling_ = false;
  session::Broker broker_;
  session::LogonThrottle throttle_;
  std::map<session::SessionId, session::LogonAttempt>
      attempts_;  // that were permitted and have no outcome yet
  Chronicle chronicle_;
  log::Limited reconnect_log_;
  net::Timer timer_;
  SpawnLink spawn_;
  HostLinks hosts_;
  LogonService logon_;
  ProcessService processes_;
  PictureService pictures_;
  MessageService messages_;
  ListenerLinks listeners_;
  Counters counters_;
  SessionService sessions_;
  ServerService server_;
  ServerControl control_;
  varlink::Service service_;
};

}  // namespace ts::tssession
