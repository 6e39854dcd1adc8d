// ts.Server, what changes it: whom the server takes in, and when it ends. Decides who may change that, and
// keeps it; what it means for a connection is the broker's (session::Closed).
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>

#include "cmd/tssession/drain_file.h"
#include "lib/events/event.h"
#include "lib/net/loop.h"
#include "lib/session/broker.h"
#include "lib/varlink/service.h"

namespace ts::tssession {

class ServerControl {
 public:
  struct Handlers {
    std::function<void(std::optional<session::Closed>)> close;
    std::function<void(session::EndReason)> end_all;
    std::function<bool()> in_use;  // sessions that are to end are there still
    std::function<void()> stop;    // the service, once they have ended
    std::function<void(const events::Event&)> write;
  };

  /// `end_time`: what sessions have for their end.
  ServerControl(net::Loop& loop, std::filesystem::path drain_file, std::chrono::milliseconds end_time,
                Handlers handlers);
  /// Its methods of the interface.
  varlink::Service::Handlers handlers();
  /// What was so before this process began is so again.
  [[nodiscard]] Result<> restore();
  /// Sessions have changed.
  void update();

 private:
  enum class Drain { kOff, kOn, kUntilRestart };
  enum class Shutdown { kNone, kScheduled, kEnding, kEnded };
  using CallPtr = std::shared_ptr<varlink::Call>;
  void handle_get_drain(const CallPtr& call);
  void handle_set_drain(const CallPtr& call);
  void handle_shutdown(const CallPtr& call);
  void handle_cancel_shutdown(const CallPtr& call);
  /// False: refused, and answered.
  static bool may_change(const CallPtr& call);
  Result<> set(Drain drain);
  void tell();
  void note(events::Kind kind, std::string mode, std::string reason);
  void on_time();
  void end();

  DrainFile drain_file_;
  std::chrono::milliseconds end_time_;
  Handlers handlers_;
  Drain drain_ = Drain::kOff;
  Shutdown shutdown_ = Shutdown::kNone;
  std::string ends_;  // RFC 3339: when sessions are told; of a shutdown
  net::Timer timer_;  // until the sessions are told, then until nobody waits for them any more
};

}  // namespace ts::tssession
