#include "lib/session/strangers.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>

namespace ts::session {
namespace {

unsigned whole(double owed) {
  return static_cast<unsigned>(std::ceil(owed));
}

/// Whole numbers: how much of one is forgotten does not tell two networks apart.
std::map<std::string_view, unsigned> weights_of(std::span<const Stranger> strangers, const Debts& debts,
                                                TimePoint now) {
  std::map<std::string_view, unsigned> out;
  for (const auto& stranger : strangers) ++out[stranger.network];
  for (auto& [network, weight] : out) weight += whole(debts.of(network, now));
  return out;
}

}  // namespace

double Debts::of(const Entry& entry, TimePoint now) const {
  std::chrono::duration<double> passed = now - entry.at;
  return std::max(0.0, entry.owed - passed.count() * per_second_);
}

double Debts::of(std::string_view network, TimePoint now) const {
  auto found = entries_.find(network);
  return found != entries_.end() ? of(found->second, now) : 0;
}

void Debts::add(std::string_view network, TimePoint now) {
  if (burst_ <= 0) return;
  if (entries_.size() >= kTidyAt && now - tidied_ >= std::chrono::seconds(1)) {
    std::erase_if(entries_, [&](const auto& entry) { return of(entry.second, now) <= 0; });
    tidied_ = now;
  }
  if (entries_.size() >= kMost && !entries_.contains(network)) return;
  auto& entry = entries_[std::string(network)];
  entry = {std::min(of(entry, now) + 1, burst_ + 1), now};
}

void Debts::forgive(std::string_view network) {
  auto found = entries_.find(network);
  if (found == entries_.end()) return;
  found->second.owed -= 1;
  if (found->second.owed <= 0) entries_.erase(found);
}

TimePoint Debts::next(std::string_view network, TimePoint now) const {
  double over = of(network, now) + 1 - burst_;
  if (burst_ <= 0 || over <= 0) return now;
  return now +
         std::chrono::ceil<std::chrono::milliseconds>(std::chrono::duration<double>(over / per_second_));
}

std::size_t Debts::room(std::string_view network, TimePoint now) const {
  if (burst_ <= 0) return std::numeric_limits<std::size_t>::max();
  return static_cast<std::size_t>(std::max(0.0, burst_ - of(network, now)));
}

std::optional<std::size_t> who_gives_way(std::span<const Stranger> strangers, std::string_view newcomer,
                                         const Debts& tries, std::chrono::milliseconds patience,
                                         TimePoint now) {
  if (strangers.empty()) return std::nullopt;
  const auto weights = weights_of(strangers, tries, now);
  using Order = std::tuple<std::int64_t, unsigned, TimePoint>;
  std::optional<Order> first_order;
  auto first = strangers.begin();
  for (auto at = strangers.begin(); at != strangers.end(); ++at) {
    Order order{-static_cast<std::int64_t>(weights.at(at->network)), at->progress, at->since};
    if (first_order && order >= *first_order) continue;
    first_order = order;
    first = at;
  }
  auto own = weights.find(newcomer);
  unsigned weight = own != weights.end() ? own->second : whole(tries.of(newcomer, now));
  bool goes = weights.at(first->network) > weight || (first->progress == 0 && now - first->since >= patience);
  if (!goes) return std::nullopt;
  return static_cast<std::size_t>(first - strangers.begin());
}

std::optional<std::size_t> whose_turn(std::span<const Stranger> waiting, const Debts& debts, TimePoint now,
                                      TimePoint& again) {
  const auto weights = weights_of(waiting, debts, now);
  std::optional<std::size_t> first;
  again = TimePoint::max();
  for (std::size_t i = 0; i < waiting.size(); ++i) {
    auto next = debts.next(waiting[i].network, now);
    again = std::min(again, next);
    if (next > now) continue;
    auto order = [&](std::size_t at) {
      return std::tuple(weights.at(waiting[at].network), waiting[at].since);
    };
    if (!first || order(i) < order(*first)) first = i;
  }
  return first;
}

}  // namespace ts::session
