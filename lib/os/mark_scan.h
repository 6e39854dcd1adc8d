// Which processes bear a mark: variables ("NAME=value") all of which they had in their environment when they
// started their program. Environments are read by a child (reader_child.h) under a deadline: it is killed
// when late, and what it found so far counts. Of each environment the first 128 KiB are searched: a process
// with more in front of its mark is not found by it.
//
// Never blocks. Whoever starts one reaps its children anyhow (a subreaper), this one too.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "lib/base/result.h"
#include "lib/os/reader_child.h"

namespace ts::os {

class MarkScan {
 public:
  struct Found {
    pid_t pid = 0;
    unsigned long long began = 0;  // as Process::began
  };
  enum class State { kRunning, kDone, kLate };

  [[nodiscard]] static Result<MarkScan> start(const std::vector<std::string>& marks,
                                              std::chrono::milliseconds deadline = std::chrono::seconds(2));
  MarkScan(MarkScan&&) = default;
  MarkScan& operator=(MarkScan&&) = delete;

  /// Takes what has come. kLate: it was killed, processes it did not come to were not looked at.
  State look();
  const std::vector<Found>& found() const { return found_; }
  /// The child, as long as look() says kRunning.
  pid_t pid() const { return child_.pid(); }

 private:
  explicit MarkScan(ReaderChild child) : child_(std::move(child)) {}

  ReaderChild child_;
  std::chrono::steady_clock::time_point late_at_;
  std::vector<Found> found_;
};

/// A process's environment holds these whole variables. May block for as long as the process's owner likes:
/// for the scanning child, and for tests.
bool environment_has(pid_t pid, const std::vector<std::string>& variables);

}  // namespace ts::os
