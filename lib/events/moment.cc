#include "lib/events/moment.h"

#include <charconv>

namespace ts::events {
namespace {

using std::chrono::microseconds;
using std::chrono::minutes;
using std::chrono::seconds;

/// Reads from the front of a text.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}
  bool at_end() const { return rest_.empty(); }
  bool skip(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  /// Exactly so many digits.
  bool digits(std::size_t count, int& out) {
    auto [end, error] = std::from_chars(rest_.data(), rest_.data() + std::min(count, rest_.size()), out);
    if (error != std::errc() || end != rest_.data() + count || rest_.front() == '-') return false;
    rest_.remove_prefix(count);
    return true;
  }
  /// Digits after a decimal point; what is finer than a microsecond is cut.
  bool fraction(microseconds& out) {
    std::size_t count = 0;
    for (std::int64_t unit = 100'000; !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9';
         ++count) {
      out += microseconds(unit * (rest_.front() - '0'));
      unit /= 10;
      rest_.remove_prefix(1);
    }
    return count > 0;
  }

 private:
  std::string_view rest_;
};

std::optional<microseconds> parse_clock(Scanner& scan) {
  int hour = 0, minute = 0, second = 0;
  microseconds fraction{};
  if (!scan.digits(2, hour) || !scan.skip(':') || !scan.digits(2, minute)) return std::nullopt;
  if (scan.skip(':')) {
    if (!scan.digits(2, second)) return std::nullopt;
    if (scan.skip('.') && !scan.fraction(fraction)) return std::nullopt;
  }
  if (hour > 23 || minute > 59 || second > 60) return std::nullopt;
  return std::chrono::hours(hour) + minutes(minute) + seconds(second) + fraction;
}

std::optional<minutes> parse_zone(Scanner& scan) {
  if (scan.at_end() || scan.skip('Z') || scan.skip('z')) return minutes(0);
  int sign = scan.skip('+') ? 1 : scan.skip('-') ? -1 : 0;
  int hour = 0, minute = 0;
  if (sign == 0 || !scan.digits(2, hour) || !scan.skip(':') || !scan.digits(2, minute)) return std::nullopt;
  if (hour > 23 || minute > 59) return std::nullopt;
  return sign * minutes(hour * 60 + minute);
}

std::optional<Time> parse_date(std::string_view text) {
  Scanner scan(text);
  int year = 0, month = 0, day = 0;
  if (!scan.digits(4, year) || !scan.skip('-') || !scan.digits(2, month) || !scan.skip('-') ||
      !scan.digits(2, day))
    return std::nullopt;
  std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                   std::chrono::day(static_cast<unsigned>(day))};
  // The clock's nanoseconds do not reach as far as the calendar.
  if (!date.ok() || year < 1970 || year > 2200) return std::nullopt;
  Time time = std::chrono::sys_days(date);
  if (scan.at_end()) return time;
  if (!scan.skip('T') && !scan.skip('t') && !scan.skip(' ')) return std::nullopt;
  auto clock = parse_clock(scan);
  auto zone = clock ? parse_zone(scan) : std::nullopt;
  if (!zone || !scan.at_end()) return std::nullopt;
  return time + *clock - *zone;
}

/// Only with a unit: a bare "2026" is a year that somebody means, and not 34 minutes.
std::optional<seconds> parse_span(std::string_view text) {
  std::int64_t scale = 1;
  switch (text.empty() ? '\0' : text.back()) {
    case 'd':
      scale *= 24;
      [[fallthrough]];
    case 'h':
      scale *= 60;
      [[fallthrough]];
    case 'm':
      scale *= 60;
      [[fallthrough]];
    case 's':
      text.remove_suffix(1);
      break;
    default:
      return std::nullopt;
  }
  std::uint32_t count = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  auto span = std::chrono::duration<std::int64_t>(std::int64_t{count} * scale);
  constexpr std::chrono::hours kLongest{24 * 366 * 100};
  if (span > kLongest) return std::nullopt;
  return span;
}

}  // namespace

Result<Time> parse_moment(std::string_view text, Time now) {
  if (auto span = parse_span(text)) return now - *span;
  if (auto date = parse_date(text)) return *date;
  return fail(
      ErrorCode::kUsage,
      "'{}' is neither a time such as 2026-11-21 or 2026-11-21T10:30:00Z nor a span such as 10m, 2h or 3d",
      text);
}

}  // namespace ts::events
