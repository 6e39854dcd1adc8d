// Which events `tsquery events` is asked for. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lib/base/result.h"
#include "lib/events/event.h"

namespace ts::tsquery {

/// As they stand on the command line; empty: not given.
struct EventOptions {
  std::string since, until, user, session;
  std::string events;  // names with commas between them
};

class EventFilter {
 public:
  /// kUsage when a value cannot be meant.
  static Result<EventFilter> from(const EventOptions& options, events::Time now);

  bool admits(const events::Record& record) const;

 private:
  std::string since_, until_;  // as in records
  std::optional<std::string> user_;
  std::optional<std::uint32_t> session_;
  std::vector<std::string> events_;
};

}  // namespace ts::tsquery
