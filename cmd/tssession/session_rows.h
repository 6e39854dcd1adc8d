// Sessions as ts.Session tells them. Pure: records in, JSON out.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "lib/session/session_table.h"

namespace ts::tssession {

nlohmann::json session_row(const session::Record& record);
/// The listener has a row among the sessions, as in qwinsta.
nlohmann::json listener_row(const std::vector<std::string>& addresses);
/// RFC 3339 in UTC, or null for a time that is not known.
nlohmann::json time_text(std::int64_t unix_seconds);

}  // namespace ts::tssession
