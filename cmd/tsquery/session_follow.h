// tsquery session --follow: what is there, then one line for each change, as the session manager tells it.
#pragma once

#include <set>

#include "cmd/tsquery/session_view.h"

namespace ts::tsquery {

/// Returns when it is told to stop or nobody reads any more; kUnavailable when the session manager has gone.
Result<> follow_sessions(const cli::Context& context, const Selection& selection,
                         const std::vector<cli::Column>& columns, bool as_json);

/// What a selection makes of a change: a session that comes to be chosen is "new", one that ceases to be is
/// "gone". Pure.
class ChangeFilter {
 public:
  explicit ChangeFilter(Selection selection) : selection_(std::move(selection)) {}
  /// The kind to be shown; nothing when this change is none here.
  std::optional<std::string> shown_as(const cli::SessionChange& change);

 private:
  Selection selection_;
  std::set<session::SessionId> shown_;
};

}  // namespace ts::tsquery
