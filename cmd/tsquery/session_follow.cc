#include "cmd/tsquery/session_follow.h"

#include <ctime>
#include <map>
#include <nlohmann/json.hpp>

#include "lib/cli/follow_output.h"

namespace ts::tsquery {
namespace {

using nlohmann::ordered_json;

constexpr std::chrono::seconds kFirstAnswer{10};

std::string time_text() {
  std::time_t now = std::time(nullptr);
  std::tm parts{};
  ::gmtime_r(&now, &parts);
  char text[32];
  return std::string(text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts));
}

class Lines {
 public:
  Lines(std::vector<cli::Column> columns, bool as_json)
      : columns_(std::move(columns)), table_(with_change(columns_)), as_json_(as_json) {}

  std::string header() const { return as_json_ ? "" : table_.header(); }
  /// Empty where a table would repeat itself, because what has changed is in none of its columns.
  std::string line(const std::string& kind, const cli::SessionRow& row) {
    if (as_json_)
      return cli::json_line({{"time", time_text()}, {"change", kind}, {"session", session_json(row)}}) + "\n";
    auto cells = cells_of(row, columns_);
    auto& last = last_[row.id];
    if (kind == "changed" && cells == last) return "";
    last = cells;
    cells.insert(cells.begin(), {time_text(), kind});
    return table_.line(cells, mark_of(row));
  }

 private:
  static std::vector<cli::Column> with_change(std::vector<cli::Column> columns) {
    columns.insert(columns.begin(), {{"time", 20}, {"change", 7}});
    return columns;
  }
  std::vector<cli::Column> columns_;
  cli::Table table_;
  bool as_json_;
  std::map<session::SessionId, std::vector<std::string>> last_;  // as shown; an id that is used again is new
};

}  // namespace

std::optional<std::string> ChangeFilter::shown_as(const cli::SessionChange& change) {
  bool was = shown_.contains(change.session.id);
  bool is = change.kind != "gone" && selection_.has(change.session);
  if (is) shown_.insert(change.session.id);
  if (!is) shown_.erase(change.session.id);
  if (was) return is ? "changed" : "gone";
  if (!is) return std::nullopt;
  return change.kind == "present" ? "present" : "new";
}

Result<> follow_sessions(const cli::Context& context, const Selection& selection,
                         const std::vector<cli::Column>& columns, bool as_json) {
  TS_TRY_ASSIGN(auto client, cli::SessionClient::connect(context));
  TS_TRY_ASSIGN(auto output, cli::FollowOutput::open());
  TS_TRY(client.watch());
  Lines lines(columns, as_json);
  ChangeFilter filter(selection);
  for (bool first = true;;) {
    TS_TRY_ASSIGN(auto changes, client.next_changes());
    if (!changes) {
      auto timeout = first ? std::optional<std::chrono::milliseconds>(kFirstAnswer) : std::nullopt;
      TS_TRY_ASSIGN(auto waited, output.wait(client.fd(), timeout));
      if (waited == cli::FollowOutput::Waited::kOver) return {};
      if (waited == cli::FollowOutput::Waited::kTimedOut)
        return fail(ErrorCode::kTimedOut, "the session manager does not answer");
      continue;
    }
    std::string text = first ? lines.header() : "";
    first = false;
    for (const auto& change : *changes)
      if (auto kind = filter.shown_as(change)) text += lines.line(*kind, change.session);
    TS_TRY_ASSIGN(bool wanted, output.write(text));
    if (!wanted) return {};
  }
}

}  // namespace ts::tsquery
