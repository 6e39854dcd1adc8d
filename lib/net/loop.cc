#include "lib/net/loop.h"

#include <uv.h>

#include <cassert>
#include <cstdio>
#include <cstdlib>

namespace ts::net {
namespace {

// Frees a handle once libuv lets go of it. `data` is cleared first, so a callback already queued finds
// nobody.
template <typename T>
void close_handle(T* handle) noexcept {
  handle->data = nullptr;
  uv_close(reinterpret_cast<uv_handle_t*>(handle),
           [](uv_handle_t* closed) { delete reinterpret_cast<T*>(closed); });
}

void check(int status, const char* what) {
  if (status == 0) return;
  std::fprintf(stderr, "%s: %s\n", what, uv_strerror(status));
  std::abort();  // out of descriptors or memory while setting up a watcher: nothing sensible can follow
}

}  // namespace

Loop::Loop() : loop_(new uv_loop_t) {
  check(uv_loop_init(loop_.get()), "uv_loop_init");
}

Loop::~Loop() {
  while (uv_run(loop_.get(), UV_RUN_NOWAIT) != 0 && uv_loop_close(loop_.get()) == UV_EBUSY) {
    bool closing = false;
    uv_walk(
        loop_.get(), [](uv_handle_t* h, void* out) { *static_cast<bool*>(out) |= uv_is_closing(h) != 0; },
        &closing);
    if (!closing) break;
  }
  [[maybe_unused]] int status = uv_loop_close(loop_.get());
  assert((status == 0 || status == UV_EINVAL || status == UV_EBUSY) && "close the loop after its watchers");
  if (status == UV_EBUSY) {
    std::fprintf(stderr, "event loop closed before its watchers\n");
    std::abort();
  }
}

void Loop::run() {
  uv_run(loop_.get(), UV_RUN_DEFAULT);
}
void Loop::stop() {
  uv_stop(loop_.get());
}

void HandleClose::operator()(uv_poll_s* handle) const noexcept {
  close_handle(handle);
}
void HandleClose::operator()(uv_timer_s* handle) const noexcept {
  close_handle(handle);
}
void HandleClose::operator()(uv_signal_s* handle) const noexcept {
  close_handle(handle);
}

Poller::Poller(Loop& loop, int fd, Callback callback)
    : handle_(new uv_poll_t), callback_(std::move(callback)) {
  check(uv_poll_init(loop.uv(), handle_.get(), fd), "uv_poll_init");
  handle_->data = this;
}

void Poller::watch(bool readable, bool writable) {
  if (readable == readable_ && writable == writable_) return;
  readable_ = readable;
  writable_ = writable;
  if (!readable && !writable) {
    uv_poll_stop(handle_.get());
    return;
  }
  int events = (readable ? UV_READABLE | UV_DISCONNECT : 0) | (writable ? UV_WRITABLE : 0);
  uv_poll_start(handle_.get(), events, [](uv_poll_t* handle, int status, int ready) {
    auto* self = static_cast<Poller*>(handle->data);
    if (self == nullptr) return;
    auto callback = self->callback_;  // the owner may go while it runs
    if (status < 0) return callback({.readable = true, .writable = true, .hangup = true});
    callback({.readable = (ready & (UV_READABLE | UV_DISCONNECT)) != 0,
              .writable = (ready & UV_WRITABLE) != 0,
              .hangup = (ready & UV_DISCONNECT) != 0});
  });
}

Timer::Timer(Loop& loop, Callback callback) : handle_(new uv_timer_t), callback_(std::move(callback)) {
  check(uv_timer_init(loop.uv(), handle_.get()), "uv_timer_init");
  handle_->data = this;
}

void Timer::start(std::chrono::milliseconds delay) {
  uv_update_time(handle_->loop);
  uv_timer_start(
      handle_.get(),
      [](uv_timer_t* handle) {
        auto* self = static_cast<Timer*>(handle->data);
        if (self == nullptr) return;
        auto callback = self->callback_;
        callback();
      },
      static_cast<std::uint64_t>(std::max<std::int64_t>(0, delay.count())), 0);
}

void Timer::stop() {
  uv_timer_stop(handle_.get());
}
bool Timer::active() const {
  return uv_is_active(reinterpret_cast<const uv_handle_t*>(handle_.get())) != 0;
}

SignalWatcher::SignalWatcher(Loop& loop, int signal_number, std::function<void()> callback)
    : handle_(new uv_signal_t), callback_(std::move(callback)) {
  check(uv_signal_init(loop.uv(), handle_.get()), "uv_signal_init");
  handle_->data = this;
  uv_signal_start(
      handle_.get(),
      [](uv_signal_t* handle, int) {
        if (auto* self = static_cast<SignalWatcher*>(handle->data)) {
          auto callback = self->callback_;
          callback();
        }
      },
      signal_number);
}

}  // namespace ts::net
