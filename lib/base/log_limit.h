// Log lines that strangers can cause are not written at the strangers' pace: some are, the rest are counted
// and the count is told with the next line that is written.
#pragma once

#include <chrono>

#include "lib/base/log.h"

namespace ts::log {

class Limited {
 public:
  using Clock = std::chrono::steady_clock;

  explicit Limited(unsigned burst = 10, std::chrono::seconds period = std::chrono::seconds(10))
      : burst_(burst), period_(period) {}

  template <typename... Args>
  void warning(fmt::format_string<Args...> format, Args&&... args) {
    unsigned kept_back = 0;
    if (!admit(Clock::now(), kept_back)) return;
    if (kept_back > 0) log::warning("{} lines like the next one were not written", kept_back);
    log::warning(format, std::forward<Args>(args)...);
  }

  /// Whether a line may be written now; `kept_back` becomes how many were not since the last that was.
  bool admit(Clock::time_point now, unsigned& kept_back) {
    if (now - since_ >= period_) {
      since_ = now;
      written_ = 0;
    }
    if (written_ >= burst_) {
      ++kept_back_;
      return false;
    }
    ++written_;
    kept_back = kept_back_;
    kept_back_ = 0;
    return true;
  }

 private:
  unsigned burst_;
  std::chrono::seconds period_;
  Clock::time_point since_{};
  unsigned written_ = 0;
  unsigned kept_back_ = 0;
};

}  // namespace ts::log
