#include "cmd/tshost/health_check.h"

namespace ts::host {

HealthCheck::HealthCheck(net::Loop& loop, std::chrono::milliseconds interval, Handlers handlers,
                         std::chrono::milliseconds answer_time)
    : interval_(interval),
      answer_time_(answer_time),
      handlers_(std::move(handlers)),
      timer_(loop, [this] { on_timer(); }) {}

void HealthCheck::set_waiting(bool waiting) {
  if (interval_.count() == 0 || waiting == waiting_) return;
  waiting_ = waiting;
  asked_.clear();
  waiting ? timer_.start(interval_) : timer_.stop();
}

void HealthCheck::on_timer() {
  if (!asked_.empty()) {
    const auto* name =
        asked_.contains(Part::kDisplay) ? "tsdisplay or the display server" : "the logon screen";
    set_waiting(false);
    return handlers_.on_ill(std::string(name) + " does not answer");
  }
  ++request_;
  for (Part part : {Part::kLogonScreen, Part::kDisplay})
    if (handlers_.ask(part, request_)) asked_.insert(part);
  timer_.start(asked_.empty() ? interval_ : answer_time_);
}

void HealthCheck::answered(Part part, std::uint32_t request) {
  if (!waiting_ || request != request_) return;
  asked_.erase(part);
  if (asked_.empty()) timer_.start(interval_);
}

}  // namespace ts::host
