// The limits of this session in time (lib/session/limits.h), kept here so that they hold whatever is
// restarted: the person is warned with a box, then disconnected or logged off.
#pragma once

#include <array>
#include <functional>
#include <optional>

#include "lib/net/loop.h"
#include "lib/session/host_messages.h"
#include "lib/session/limits.h"
#include "lib/session/message_box.h"

namespace ts::host {

class SessionLimits {
 public:
  struct Handlers {
    std::function<void(const session::ShowBox&)> show;
    std::function<void(std::uint32_t request)> close;
    std::function<void(session::EndReason)> disconnect;
    std::function<void(session::EndReason)> log_off;
  };
  SessionLimits(net::Loop& loop, Handlers handlers);

  /// Those of whoever is about to log on.
  void set(const session::Limits& limits) { limits_ = limits; }
  /// How the session is now.
  void follow(const session::HostState& state);
  void input();
  void stop();

 private:
  void update();
  void take(const session::LimitStep& step);
  void warn(const session::LimitStep& step);
  void take_back(session::Limit limit);

  Handlers handlers_;
  session::Limits limits_;
  session::LimitClock clock_;
  bool logged_on_ = false;
  std::optional<session::ConnectionId> connection_;  // the attached one
  std::array<std::uint32_t, 3> boxes_{};             // warnings, by Limit; 0: none
  std::uint32_t last_request_ = session::kHostsRequest;
  net::Timer timer_;
};

}  // namespace ts::host
