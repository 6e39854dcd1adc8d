// How tsquery shows sessions: which of them, which columns, which JSON. Pure: rows in, text out.
#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "lib/cli/session_client.h"
#include "lib/cli/text.h"

namespace ts::tsquery {

/// Which sessions a command is about. Empty members choose all.
struct Selection {
  std::string which;  // an id, a session's name or a user
  std::string id;
  std::string user;
  std::vector<std::string> states;  // as they are listed

  /// Checks `id` and takes `states` apart: "Active,disc". kUsage.
  static Result<Selection> from(const std::string& which, const std::string& id, const std::string& user,
                                const std::string& states);
  bool named() const { return !which.empty() || !id.empty() || !user.empty(); }
  /// By name only, whatever the state.
  bool names(const cli::SessionRow& row) const;
  bool has(const cli::SessionRow& row) const;
};

/// --state is the folder of every program; who means the states of sessions is told so. kUsage.
Result<> check_state_folder(const std::optional<std::filesystem::path>& folder);

/// Those that are chosen; kNotFound when something was named and nothing has that name.
Result<std::vector<cli::SessionRow>> chosen(std::vector<cli::SessionRow> rows, const Selection& selection);

/// "sessionname,username,...": what --columns takes.
std::string valid_columns(std::string_view separator = ",");
/// Of a list such as "id,user"; those of query session when it is empty. kUsage names the valid ones.
Result<std::vector<cli::Column>> columns_from(const std::string& list);
std::vector<std::string> cells_of(const cli::SessionRow& row, const std::vector<cli::Column>& columns);

nlohmann::ordered_json session_json(const cli::SessionRow& row);

/// '>' for the session that we run in.
char mark_of(const cli::SessionRow& row);

}  // namespace ts::tsquery
