// Reads the event logs of all roles of a host (event_log.h) as one stream in the order of time: what is
// there, and later, when asked again, what has come since, also when files were turned over in between. Waits
// for nothing; who follows asks again when a folder has changed. What is read was written by other accounts:
// lines are bounded, links and devices are not opened, and what is no event is skipped and counted.
#pragma once

#include <deque>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "lib/base/result.h"
#include "lib/base/unique_fd.h"
#include "lib/events/event.h"

namespace ts::events {

inline constexpr std::size_t kMaxLine = 64 * 1024;  // bytes; ours are far shorter

/// One role's files, the oldest first.
class RoleReader {
 public:
  enum class From { kOldest, kNow };
  /// kNotPermitted when the caller may not read there. No file yet is nothing to read.
  static Result<std::unique_ptr<RoleReader>> open(std::filesystem::path folder, From from);

  /// The next event; nothing when the last complete line has been read: ask again later.
  std::optional<Record> next();
  /// What was skipped since the last call: for one warning.
  std::size_t take_broken() { return std::exchange(broken_, 0); }
  /// The last line has no end: a crash tore it, or it is being written just now.
  bool within_line() const { return buffer_.size() > consumed_ && !skipping_; }
  const std::filesystem::path& folder() const { return folder_; }

 private:
  struct File {
    UniqueFd fd;
    std::uint64_t device = 0, inode = 0;
    std::uint64_t offset = 0;
  };
  explicit RoleReader(std::filesystem::path folder) : folder_(std::move(folder)) {}
  static Result<std::optional<File>> open_file(const std::filesystem::path& path);
  Result<> find_newer();
  void start_at_end();
  bool fill();
  std::optional<std::string> next_line();

  std::filesystem::path folder_;
  std::deque<File> files_;  // the front one is being read
  std::string buffer_;
  std::size_t consumed_ = 0;  // of the buffer
  bool skipping_ = false;     // a line that is too long, up to its end
  std::size_t broken_ = 0;
};

class EventReader {
 public:
  /// `folder`: STATE/events. kNotFound when it is not there, kNotPermitted when the caller may not read it.
  static Result<EventReader> open(std::filesystem::path folder, RoleReader::From from);

  std::optional<Record> next();
  /// Roles that have begun to write since; from their first event on.
  Result<> look_for_roles() { return add_roles(RoleReader::From::kOldest); }
  std::vector<std::filesystem::path> folders() const;

  struct Broken {
    std::filesystem::path folder;
    std::size_t lines = 0;
  };
  /// Lines that were skipped since the last call; `at_end`: those that have no end as well.
  std::vector<Broken> take_broken(bool at_end);

 private:
  explicit EventReader(std::filesystem::path folder) : folder_(std::move(folder)) {}
  Result<> add_roles(RoleReader::From from);

  struct Source {
    std::unique_ptr<RoleReader> reader;
    std::optional<Record> head;
  };
  std::filesystem::path folder_;
  std::map<std::string, Source> roles_;  // of events of the same time, the first role's come first
};

}  // namespace ts::events
