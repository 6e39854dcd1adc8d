// Looks whether a session that waits for somebody still works: its logon screen and its tsdisplay are asked
// now and then, and each answers after the display server has answered it. One that hangs would be found by
// the next client; such a session is ended, and the pool replaces it. A session that somebody uses is not
// asked: what is slow there is theirs.
#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <string>

#include "lib/net/loop.h"

namespace ts::host {

class HealthCheck {
 public:
  enum class Part { kLogonScreen, kDisplay };
  struct Handlers {
    /// False: this part is not there, and is being started anew.
    std::function<bool(Part, std::uint32_t request)> ask;
    /// After a part has not answered in time; the check has stopped.
    std::function<void(const std::string& why)> on_ill;
  };

  /// For an answer, on a machine that has much to do.
  static constexpr std::chrono::milliseconds kAnswerTime{10'000};

  /// `interval` zero: nobody is asked.
  HealthCheck(net::Loop& loop, std::chrono::milliseconds interval, Handlers handlers,
              std::chrono::milliseconds answer_time = kAnswerTime);

  /// The session waits, or not (any more).
  void set_waiting(bool waiting);
  void answered(Part part, std::uint32_t request);

 private:
  void on_timer();

  std::chrono::milliseconds interval_, answer_time_;
  Handlers handlers_;
  bool waiting_ = false;
  std::uint32_t request_ = 0;
  std::set<Part> asked_;  // and have not answered
  net::Timer timer_;
};

}  // namespace ts::host
