// Points in time as people give them on a command line. Pure.
#pragma once

#include <string_view>

#include "lib/base/result.h"
#include "lib/events/event.h"

namespace ts::events {

/// "30s", "10m", "2h", "3d": so long before `now`. "2026-11-21", "2026-11-21T10:30",
/// "2026-11-21T10:30:00.5+01:00": RFC 3339, of which the end may be missing; without a zone it is UTC.
Result<Time> parse_moment(std::string_view text, Time now);

}  // namespace ts::events
