// One role's event log: appends each event as one line with one write(2), and turns the file over when it is
// full. Events are worth having, but no role fails or waits for them: what cannot be written is told once in
// the log and dropped, and the next event is tried anew.
//
// The folder is the role's own (who makes it: lib/os/role_start.h) and nobody else writes there:
//   FOLDER/events.jsonl     the newest
//   FOLDER/events.jsonl.1   the one before, up to .KEEP
// Writes to a local file system; blocks for as long as that takes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "lib/base/log_limit.h"
#include "lib/base/result.h"
#include "lib/base/unique_fd.h"
#include "lib/events/event.h"

namespace ts::events {

/// The file in `folder`: 0 the newest, 1 the one before.
std::filesystem::path file_path(const std::filesystem::path& folder, unsigned age);

struct Rotation {
  std::uint64_t max_size = 0;  // bytes of a file
  std::uint32_t keep = 0;      // files besides the newest
};

class EventLog {
 public:
  EventLog(std::filesystem::path folder, std::string role, Rotation rotation)
      : folder_(std::move(folder)), role_(std::move(role)), rotation_(rotation) {}

  void write(const Event& event);
  /// What strangers can cause at their pace: as often as `gate` admits; the next that is written says how
  /// many were not.
  void write(Event event, log::Limited& gate);

 private:
  Result<> append(const std::string& line);
  Result<> open();
  Result<> turn_over();

  std::filesystem::path folder_;
  std::string role_;
  Rotation rotation_;
  UniqueFd file_;
  bool told_ = false;  // that events cannot be written
};

}  // namespace ts::events
