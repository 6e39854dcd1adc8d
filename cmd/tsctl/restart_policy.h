// When a role that died is started again, and when not. Pure: time is passed in.
//
// Each start that follows soon after another waits twice as long as the one before, from 100 ms to 10 s; a
// role that ran for a minute starts afresh. Before it was ready for the first time, three ends are enough to
// give it up: then something is wrong that waiting does not mend.
#pragma once

#include <algorithm>
#include <chrono>
#include <optional>

namespace ts::tsctl {

class RestartPolicy {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  using Delay = std::chrono::milliseconds;

  static constexpr Delay kFirstDelay{100};
  static constexpr Delay kLongestDelay{10'000};
  static constexpr std::chrono::seconds kSteady{60};
  static constexpr int kEarlyEnds = 3;

  void started(TimePoint now) { started_ = now; }
  void ready() { was_ready_ = true; }
  bool was_ready() const { return was_ready_; }

  /// The role has ended: how long to wait before its next start, or nothing when it is given up.
  std::optional<Delay> ended(TimePoint now) {
    if (!was_ready_ && ++early_ends_ >= kEarlyEnds) return std::nullopt;
    if (now - started_ >= kSteady) next_delay_ = kFirstDelay;
    Delay delay = next_delay_;
    next_delay_ = std::min(next_delay_ * 2, kLongestDelay);
    return delay;
  }

 private:
  TimePoint started_{};
  Delay next_delay_ = kFirstDelay;
  int early_ends_ = 0;
  bool was_ready_ = false;
};

}  // namespace ts::tsctl
