// Where events go: rows of a table or lines of JSON on standard output, past stdio, so that a reader who has
// gone is no error.
#pragma once

#include <string>
#include <string_view>

#include "lib/base/result.h"
#include "lib/events/event.h"

namespace ts::tsquery {

/// The table's titles, and an event as its row, without the line's end: nothing in it steers a terminal.
std::string event_titles();
std::string event_row(const events::Record& record);

/// Lines for one descriptor, gathered and written whole. Blocks while its reader does not read.
class LineOutput {
 public:
  explicit LineOutput(int fd) : fd_(fd) {}
  /// kUnavailable when nobody reads any more.
  Result<> add(std::string_view line);
  Result<> flush();

 private:
  int fd_;
  std::string pending_;
};

}  // namespace ts::tsquery
