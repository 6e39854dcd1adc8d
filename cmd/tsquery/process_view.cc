#include "cmd/tsquery/process_view.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "cmd/tsquery/session_view.h"
#include "lib/cli/text.h"

namespace ts::tsquery {
namespace {

using nlohmann::ordered_json;

ordered_json memory_json(const std::optional<ProcessMemory>& memory) {
  if (!memory) return nullptr;
  return {{"resident_bytes", memory->resident},
          {"proportional_bytes", memory->proportional},
          {"shared_bytes", memory->shared},
          {"private_bytes", memory->alone}};
}

std::string size_or_none(const std::optional<ProcessMemory>& memory, std::uint64_t ProcessMemory::*which) {
  return memory ? size_text((*memory).*which) : "-";
}

}  // namespace

ProcessRow process_row(const nlohmann::json& process,
                       const std::function<std::string(std::int64_t)>& user_of) {
  ProcessRow out;
  out.pid = process.at("pid");
  out.uid = process.at("uid");
  out.user = user_of(out.uid);
  out.name = process.at("name");
  out.command = process.at("command");
  out.cpu_seconds = process.at("cpu_seconds");
  if (auto memory = process.find("memory"); memory != process.end() && !memory->is_null())
    out.memory = ProcessMemory{memory->at("resident_bytes"), memory->at("proportional_bytes"),
                               memory->at("shared_bytes"), memory->at("private_bytes")};
  return out;
}

std::string size_text(std::uint64_t bytes) {
  constexpr const char* kUnits[] = {"K", "M", "G", "T"};
  if (bytes < 1024 * 1024) return fmt::format("{}K", bytes / 1024);
  double value = static_cast<double>(bytes) / 1024;
  std::size_t unit = 0;
  for (; value >= 1023.95 && unit + 1 < std::size(kUnits); ++unit) value /= 1024;
  return fmt::format("{:.1f}{}", value, kUnits[unit]);
}

std::string cpu_text(double seconds) {
  auto hundredths = static_cast<std::uint64_t>(std::llround(std::max(seconds, 0.0) * 100));
  auto whole = hundredths / 100;
  if (whole >= 3600) return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
  return fmt::format("{}:{:02}.{:02}", whole / 60, whole % 60, hundredths % 100);
}

std::string process_table(const std::vector<SessionProcesses>& sessions) {
  cli::Table table({{"username", 12},
                    {"sessionname", 13},
                    {"id", 5, true},
                    {"pid", 7, true},
                    {"cpu", 8, true},
                    {"private", 8, true},
                    {"shared", 8, true},
                    {"pss", 8, true},
                    {"command", 7}});
  for (const auto& session : sessions)
    for (const auto& one : session.processes)
      table.add({one.user, session.session.name, std::to_string(session.session.id), std::to_string(one.pid),
                 cpu_text(one.cpu_seconds), size_or_none(one.memory, &ProcessMemory::alone),
                 size_or_none(one.memory, &ProcessMemory::shared),
                 size_or_none(one.memory, &ProcessMemory::proportional),
                 one.command.empty() ? "[" + one.name + "]" : one.command},
                mark_of(session.session));
  return table.text();
}

ordered_json process_json(const std::vector<SessionProcesses>& sessions) {
  auto processes = ordered_json::array();
  bool complete = true;
  for (const auto& session : sessions) {
    complete = complete && session.complete;
    for (const auto& one : session.processes)
      processes.push_back({{"pid", one.pid},
                           {"session_id", session.session.id},
                           {"session_name", session.session.name},
                           {"session_user", session.session.user},
                           {"uid", one.uid},
                           {"user", one.user},
                           {"name", one.name},
                           {"command", one.command},
                           {"cpu_seconds", one.cpu_seconds},
                           {"memory", memory_json(one.memory)}});
  }
  return {{"processes", processes}, {"complete", complete}};
}

}  // namespace ts::tsquery
