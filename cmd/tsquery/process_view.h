// How tsquery shows processes. Pure: rows in, text out.
#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "lib/cli/session_client.h"

namespace ts::tsquery {

struct ProcessMemory {
  std::uint64_t resident = 0, proportional = 0, shared = 0, alone = 0;  // bytes
};

struct ProcessRow {
  std::int64_t pid = 0, uid = 0;
  std::string user;  // of the uid, or the number where it has no name
  std::string name, command;
  double cpu_seconds = 0;
  std::optional<ProcessMemory> memory;
};

struct SessionProcesses {
  cli::SessionRow session;
  std::vector<ProcessRow> processes;
  bool complete = true;
};

/// A process of ts.Session.Processes; `user_of` gives names to uids.
ProcessRow process_row(const nlohmann::json& process,
                       const std::function<std::string(std::int64_t)>& user_of);

std::string process_table(const std::vector<SessionProcesses>& sessions);
nlohmann::ordered_json process_json(const std::vector<SessionProcesses>& sessions);

/// "512K", "12.3M", "1.5G": powers of 1024.
std::string size_text(std::uint64_t bytes);
/// "0:07.25", "12:03.00", "1:02:03": hundredths below an hour.
std::string cpu_text(double seconds);

}  // namespace ts::tsquery
