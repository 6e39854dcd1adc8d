// Who gives way when more strangers come - connections that have not logged on - than there is room for, and
// whose turn it is. A network (source_of) weighs what it has there and what it has asked for lately without a
// logon to show for it: the heaviest gives way first and waits longest, so that whoever comes from elsewhere
// gets in however many others there are. Pure: time comes in.
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "lib/session/session_table.h"

namespace ts::session {

/// What networks have asked for or been given and have nothing to show for: forgotten at a steady pace, or at
/// once when it led to a logon.
class Debts {
 public:
  /// `burst`: may be owed; `per_second`: forgotten. A burst of 0: anything may be, and nothing is remembered.
  Debts(double burst, double per_second) : burst_(burst), per_second_(per_second) {}

  void add(std::string_view network, TimePoint now);
  void forgive(std::string_view network);
  double of(std::string_view network, TimePoint now) const;
  /// When this network may have one more; `now` or earlier: it may.
  TimePoint next(std::string_view network, TimePoint now) const;
  /// How many more.
  std::size_t room(std::string_view network, TimePoint now) const;
  std::size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    double owed = 0;
    TimePoint at{};
  };
  double of(const Entry& entry, TimePoint now) const;

  static constexpr std::size_t kTidyAt = 1024;  // entries, at which those that owe nothing are dropped
  static constexpr std::size_t kMost = 8192;    // entries; beyond that no network is new

  double burst_, per_second_;
  TimePoint tidied_{};
  std::map<std::string, Entry, std::less<>> entries_;
};

/// For who_gives_way().
inline constexpr double kMostTries = 20, kTriesPerSecond = 0.1;

struct Stranger {
  std::string_view network;
  unsigned progress = 0;  // how far it has come; 0: it has done nothing yet
  TimePoint since{};
};

/// Which one goes so that a newcomer from `newcomer` may come: of the heaviest network, of the least
/// progress, the oldest. Nothing: the newcomer itself, unless its network is the lighter one or the other has
/// done nothing for as long as `patience`.
/// `tries`: what networks have asked for.
std::optional<std::size_t> who_gives_way(std::span<const Stranger> strangers, std::string_view newcomer,
                                         const Debts& tries, std::chrono::milliseconds patience,
                                         TimePoint now);

/// Whose turn it is, of those that wait: the lightest network's, there the one that came first. Nothing: all
/// of their networks owe too much; `again` becomes the time to ask again.
std::optional<std::size_t> whose_turn(std::span<const Stranger> waiting, const Debts& debts, TimePoint now,
                                      TimePoint& again);

}  // namespace ts::session
