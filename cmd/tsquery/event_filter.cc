#include "cmd/tsquery/event_filter.h"

#include <algorithm>

#include "lib/base/log.h"
#include "lib/base/nearest.h"
#include "lib/cli/session_client.h"
#include "lib/events/moment.h"

namespace ts::tsquery {
namespace {

Result<std::string> moment_of(const std::string& option, const std::string& text, events::Time now) {
  if (text.empty()) return std::string();
  auto moment = events::parse_moment(text, now);
  if (!moment) return pass(moment.error(), option);
  return events::time_text(*moment);
}

Result<std::vector<std::string>> names_in(const std::string& list) {
  std::vector<std::string> known, out;
  for (const auto& schema : events::schema()) known.emplace_back(schema.name);
  for (std::size_t at = 0; at <= list.size();) {
    auto end = std::min(list.find(',', at), list.size());
    auto name = list.substr(at, end - at);
    at = end + 1;
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      auto near = nearest(name, known);
      return fail(ErrorCode::kUsage, "--event: there is no event '{}'{}; ts-events(7) lists them",
                  log::escaped(name), near ? fmt::format(", did you mean '{}'?", *near) : "");
    }
    out.push_back(std::move(name));
  }
  return out;
}

}  // namespace

Result<EventFilter> EventFilter::from(const EventOptions& options, events::Time now) {
  EventFilter filter;
  TS_TRY_ASSIGN(filter.since_, moment_of("--since", options.since, now));
  TS_TRY_ASSIGN(filter.until_, moment_of("--until", options.until, now));
  if (!filter.since_.empty() && !filter.until_.empty() && filter.until_ <= filter.since_)
    return fail(ErrorCode::kUsage, "--until {} is not after --since {}: nothing can be in between",
                filter.until_, filter.since_);
  if (!options.user.empty()) filter.user_ = options.user;
  if (!options.session.empty()) {
    filter.session_ = cli::session_id_in(options.session);
    if (!filter.session_)
      return fail(ErrorCode::kUsage, "--session: '{}' is no SessionID; it takes a number",
                  log::escaped(options.session));
  }
  if (!options.events.empty()) {
    TS_TRY_ASSIGN(filter.events_, names_in(options.events));
  }
  return filter;
}

bool EventFilter::admits(const events::Record& record) const {
  if (!since_.empty() && record.time < since_) return false;
  if (!until_.empty() && record.time >= until_) return false;
  if (user_ && record.text("user") != *user_) return false;
  if (session_ && record.session != session_) return false;
  return events_.empty() || std::find(events_.begin(), events_.end(), record.event) != events_.end();
}

}  // namespace ts::tsquery
