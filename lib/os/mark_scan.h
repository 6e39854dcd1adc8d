// Which processes bear a mark: variables ("NAME=value") all of which they had in their environment when they
// started their program. Reading an environment takes a lock that the process's owner can hold for ever, so a
// forked child reads, under a deadline: it is killed when late (that wait of the kernel's can be killed), and
// what it found so far comes over a pipe. Of each environment the first 128 KiB are searched: a process with
// more in front of its mark is not found by it.
//
// Never blocks. Whoever starts one reaps its children anyhow (a subreaper), this one too.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>
#include <vector>

#include "lib/base/result.h"
#include "lib/base/unique_fd.h"

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
  /// Kills the child, if it still runs.
  ~MarkScan();

  /// Takes what has come. kLate: it was killed, processes it did not come to were not looked at.
  State look();
  const std::vector<Found>& found() const { return found_; }
  /// The child, as long as look() says kRunning.
  pid_t pid() const { return pid_; }

 private:
  MarkScan() = default;

  pid_t pid_ = -1;
  UniqueFd process_;  // pidfd: its number may be another's once it is reaped
  UniqueFd pipe_;
  std::chrono::steady_clock::time_point late_at_;
  std::vector<Found> found_;
};

/// A process's environment holds these whole variables. May block for as long as the process's owner likes:
/// for the scanning child, and for tests.
bool environment_has(pid_t pid, const std::vector<std::string>& variables);

}  // namespace ts::os
