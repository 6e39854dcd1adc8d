// What a session may use of time, and when something is due for it. Pure: the clock is the caller's and
// monotonic, so that a change of the wall's time does nothing.
//
//   connected:     idle since the last key or the mouse, active since the connection began; a warning before
//   disconnected:  since the last client has gone
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>

namespace ts::session {

using TimePoint = std::chrono::steady_clock::time_point;

/// Of the account that is logged on. Part of fixed messages; all in seconds, zero: none.
struct Limits {
  std::uint32_t idle = 0, active = 0, disconnected = 0;
  std::uint32_t warning = 0;  // before a limit of a connected session
  std::uint32_t log_off = 0;  // 1: what is idle or active for too long is logged off, else disconnected
};

enum class Limit : std::uint32_t { kIdle, kActive, kDisconnected };

/// What is due: the session is warned, or its time is over.
struct LimitStep {
  Limit limit = Limit::kIdle;
  bool over = false;
  std::chrono::seconds left{0};  // where it is not over
};

class LimitClock {
 public:
  /// Somebody has logged on.
  void begin(const Limits& limits, TimePoint now);
  void attached(TimePoint now);
  void detached(TimePoint now);
  /// A key or the mouse. True: the warning of the idle limit is not so any more.
  bool input(TimePoint now);

  std::optional<TimePoint> next() const;
  /// The step whose time has come, each once; call until there is none.
  std::optional<LimitStep> due(TimePoint now);

  const Limits& limits() const { return limits_; }

 private:
  struct Watch {
    std::uint32_t seconds = 0;  // zero: not watched
    TimePoint since{};
    bool warned = false, over = false;
  };
  Watch& of(Limit limit) { return watches_.at(static_cast<std::size_t>(limit)); }
  void watch(Limit limit, std::uint32_t seconds, TimePoint now);
  std::chrono::seconds warning_of(const Watch& watch) const;

  Limits limits_;
  bool begun_ = false;
  std::array<Watch, 3> watches_{};  // by Limit
};

}  // namespace ts::session
