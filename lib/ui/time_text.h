// A moment as people here read it.
#pragma once

#include <cstdint>
#include <string>

namespace ts::ui {

/// "2026-11-21 14:05", in local time.
std::string time_text(std::int64_t unix_seconds);
/// "14:05", of a moment that is near.
std::string clock_text(std::int64_t unix_seconds);

}  // namespace ts::ui
