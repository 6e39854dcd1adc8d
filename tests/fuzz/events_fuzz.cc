// What lib/events reads: lines of a log that another account wrote (first byte 0), times on a command line
// (1).
#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "lib/events/event.h"
#include "lib/events/moment.h"

namespace {

using namespace ts::events;

void require(bool holds) {
  if (!holds) std::abort();
}

/// What is taken for an event can be printed and read again, and says the same.
void read_line(std::string_view line) {
  auto record = parse_line(line);
  if (!record) return;
  require(
      std::all_of(record->line.begin(), record->line.end(), [](char c) { return c >= 0x20 && c < 0x7f; }));
  auto again = parse_line(record->line);
  require(again && again->line == record->line && again->time == record->time &&
          again->event == record->event && again->session == record->session &&
          again->texts == record->texts);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  std::string_view rest(reinterpret_cast<const char*>(data + 1), size - 1);
  if (data[0] == 0) read_line(rest);
  if (data[0] == 1) {
    auto now = parse_moment("2026-11-21", Time{}).value();
    auto moment = parse_moment(rest, now);
    if (moment && *moment >= Time{}) require(parse_moment(time_text(*moment), now).value() == *moment);
  }
  return 0;
}
