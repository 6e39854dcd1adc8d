#include "lib/ui/time_text.h"

#include <ctime>

namespace ts::ui {

std::string time_text(std::int64_t unix_seconds) {
  const std::time_t time = unix_seconds;
  std::tm local{};
  if (::localtime_r(&time, &local) == nullptr) return "?";
  char text[32] = {};
  std::strftime(text, sizeof text, "%Y-%m-%d %H:%M", &local);
  return text;
}

}  // namespace ts::ui
