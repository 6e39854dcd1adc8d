// The event loop and what wakes it. One loop per process, one thread; callbacks run from run().
// Only this folder includes <uv.h>. Each watcher owns its uv handle and may be destroyed at any time, also
// from inside its own callback; no callback comes after destruction.
#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include "lib/base/result.h"

struct uv_loop_s;
struct uv_poll_s;
struct uv_timer_s;
struct uv_signal_s;
struct uv_handle_s;

namespace ts::net {

using Clock = std::chrono::steady_clock;
using TimePoint = Clock::time_point;

class Loop {
 public:
  Loop();
  /// Closes the loop. INVARIANT: every watcher has been destroyed before; asserted (uv_loop_close returns 0).
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  /// Runs until stop() or until nothing is left to wait for.
  void run();
  /// Ends run() after the current callback.
  void stop();
  uv_loop_s* uv() { return loop_.get(); }

 private:
  std::unique_ptr<uv_loop_s> loop_;
};

struct HandleClose {
  void operator()(uv_poll_s* handle) const noexcept;
  void operator()(uv_timer_s* handle) const noexcept;
  void operator()(uv_signal_s* handle) const noexcept;
};

/// Tells when a borrowed descriptor is readable or writable (level-triggered).
class Poller {
 public:
  struct Ready {
    bool readable = false;
    bool writable = false;
    bool hangup = false;
  };
  using Callback = std::function<void(Ready)>;

  /// `fd` stays the caller's and must outlive the poller. Starts watching nothing.
  Poller(Loop& loop, int fd, Callback callback);
  void watch(bool readable, bool writable);

 private:
  std::unique_ptr<uv_poll_s, HandleClose> handle_;
  Callback callback_;
  bool readable_ = false;
  bool writable_ = false;
};

class Timer {
 public:
  using Callback = std::function<void()>;

  Timer(Loop& loop, Callback callback);
  /// (Re)arms for once after `delay`.
  void start(std::chrono::milliseconds delay);
  void stop();
  bool active() const;

 private:
  std::unique_ptr<uv_timer_s, HandleClose> handle_;
  Callback callback_;
};

class SignalWatcher {
 public:
  SignalWatcher(Loop& loop, int signal_number, std::function<void()> callback);

 private:
  std::unique_ptr<uv_signal_s, HandleClose> handle_;
  std::function<void()> callback_;
};

}  // namespace ts::net
