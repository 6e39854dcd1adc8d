#include "lib/session/limits.h"

#include <algorithm>
#include <utility>

namespace ts::session {

using std::chrono::seconds;

void LimitClock::begin(const Limits& limits, TimePoint now) {
  limits_ = limits;
  begun_ = true;
  attached(now);
}

void LimitClock::watch(Limit limit, std::uint32_t seconds, TimePoint now) {
  of(limit) = {seconds, now};
}

void LimitClock::attached(TimePoint now) {
  if (!begun_) return;
  watch(Limit::kIdle, limits_.idle, now);
  watch(Limit::kActive, limits_.active, now);
  watch(Limit::kDisconnected, 0, now);
}

void LimitClock::detached(TimePoint now) {
  if (!begun_) return;
  watch(Limit::kIdle, 0, now);
  watch(Limit::kActive, 0, now);
  watch(Limit::kDisconnected, limits_.disconnected, now);
}

bool LimitClock::input(TimePoint now) {
  Watch& idle = of(Limit::kIdle);
  if (idle.seconds == 0 || idle.over) return false;
  idle.since = now;
  return std::exchange(idle.warned, false);
}

/// Of a limit that is shorter than two warnings, half.
seconds LimitClock::warning_of(const Watch& watch) const {
  if (&watch == &watches_[static_cast<std::size_t>(Limit::kDisconnected)]) return seconds(0);
  return seconds(std::min(limits_.warning, watch.seconds / 2));
}

std::optional<TimePoint> LimitClock::next() const {
  std::optional<TimePoint> next;
  for (const Watch& watch : watches_) {
    if (watch.seconds == 0 || watch.over) continue;
    auto at = watch.since + seconds(watch.seconds);
    if (!watch.warned) at -= warning_of(watch);
    next = next ? std::min(*next, at) : at;
  }
  return next;
}

std::optional<LimitStep> LimitClock::due(TimePoint now) {
  for (Limit limit : {Limit::kIdle, Limit::kActive, Limit::kDisconnected}) {
    Watch& watch = of(limit);
    if (watch.seconds == 0 || watch.over) continue;
    auto end = watch.since + seconds(watch.seconds);
    if (now >= end) {
      watch.over = true;
      return LimitStep{limit, true};
    }
    auto warning = warning_of(watch);
    if (watch.warned || warning.count() == 0 || now < end - warning) continue;
    watch.warned = true;
    return LimitStep{limit, false, std::chrono::ceil<seconds>(end - now)};
  }
  return std::nullopt;
}

}  // namespace ts::session
