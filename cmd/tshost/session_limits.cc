#include "cmd/tshost/session_limits.h"

#include <ctime>

namespace ts::host {
namespace {

using session::BoxSentence;
using session::EndReason;
using session::Limit;

EndReason reason_of(Limit limit) {
  switch (limit) {
    case Limit::kIdle:
      return EndReason::kIdleTimeout;
    case Limit::kActive:
      return EndReason::kActiveTooLong;
    case Limit::kDisconnected:
      break;
  }
  return EndReason::kDisconnectedTooLong;
}

BoxSentence sentence_of(Limit limit, bool log_off) {
  if (limit == Limit::kIdle) return log_off ? BoxSentence::kIdleLogOff : BoxSentence::kIdleDisconnect;
  return log_off ? BoxSentence::kActiveLogOff : BoxSentence::kActiveDisconnect;
}

}  // namespace

SessionLimits::SessionLimits(net::Loop& loop, Handlers handlers)
    : handlers_(std::move(handlers)), timer_(loop, [this] { update(); }) {}

void SessionLimits::follow(const session::HostState& state) {
  using session::State;
  if (state.state != State::kActive && state.state != State::kDisc) return;
  auto now = net::Clock::now();
  if (!std::exchange(logged_on_, true)) clock_.begin(limits_, now);
  std::optional<session::ConnectionId> attached;
  if (state.attached != 0) attached = state.connection;
  if (attached != std::exchange(connection_, attached)) {
    take_back(Limit::kIdle);
    take_back(Limit::kActive);
    attached ? clock_.attached(now) : clock_.detached(now);
  }
  update();
}

void SessionLimits::input() {
  if (!logged_on_) return;
  if (clock_.input(net::Clock::now())) take_back(Limit::kIdle);
  update();
}

void SessionLimits::stop() {
  logged_on_ = false;
  timer_.stop();
}

/// What is due may end the session, and this with it.
void SessionLimits::update() {
  while (logged_on_) {
    auto step = clock_.due(net::Clock::now());
    if (!step) break;
    take(*step);
  }
  auto next = logged_on_ ? clock_.next() : std::nullopt;
  if (!next) return timer_.stop();
  timer_.start(std::chrono::ceil<std::chrono::milliseconds>(*next - net::Clock::now()));
}

void SessionLimits::take(const session::LimitStep& step) {
  if (!step.over) return warn(step);
  bool log_off = step.limit == Limit::kDisconnected || clock_.limits().log_off != 0;
  log_off ? handlers_.log_off(reason_of(step.limit)) : handlers_.disconnect(reason_of(step.limit));
}

void SessionLimits::warn(const session::LimitStep& step) {
  session::ShowBox box;
  last_request_ = (last_request_ + 1) | session::kHostsRequest;
  box.request = boxes_.at(static_cast<std::size_t>(step.limit)) = last_request_;
  box.sent = std::time(nullptr);
  box.until = box.sent + step.left.count();
  box.seconds = static_cast<std::uint32_t>(step.left.count());
  box.sentence = sentence_of(step.limit, clock_.limits().log_off != 0);
  handlers_.show(box);
}

void SessionLimits::take_back(Limit limit) {
  auto request = std::exchange(boxes_.at(static_cast<std::size_t>(limit)), 0);
  if (request != 0) handlers_.close(request);
}

}  // namespace ts::host
