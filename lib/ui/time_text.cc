#include "lib/ui/time_text.h"

#include <ctime>

namespace ts::ui {
namespace {

std::string formatted(std::int64_t unix_seconds, const char* format) {
  const std::time_t time = unix_seconds;
  std::tm local{};
  if (::localtime_r(&time, &local) == nullptr) return "?";
  char text[32] = {};
  std::strftime(text, sizeof text, format, &local);
  return text;
}

}  // namespace

std::string time_text(std::int64_t unix_seconds) {
  return formatted(unix_seconds, "%Y-%m-%d %H:%M");
}

std::string clock_text(std::int64_t unix_seconds) {
  return formatted(unix_seconds, "%H:%M");
}

}  // namespace ts::ui
