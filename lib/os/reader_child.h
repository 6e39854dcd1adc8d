// A forked child that reads what other processes can keep from being read: some files of /proc take the lock
// of a process's memory, which its owner can hold for as long as they like. The child can be killed in that
// wait, a daemon that waited itself would hang. What it finds it writes to a pipe.
//
// Never blocks. Whoever starts one reaps its children anyhow (a subreaper), this one too.
#pragma once

#include <sys/types.h>

#include <functional>

#include "lib/base/result.h"
#include "lib/base/unique_fd.h"

namespace ts::os {

class ReaderChild {
 public:
  /// `work` runs in the child, which has our memory and no other descriptor than the one that it is given:
  /// the pipe's. It ends by itself, or is killed with us.
  [[nodiscard]] static Result<ReaderChild> start(const std::function<void(int out)>& work);
  ReaderChild(ReaderChild&&) = default;
  ReaderChild& operator=(ReaderChild&&) = delete;
  /// Kills the child, if it still runs.
  ~ReaderChild();

  /// Our end of the pipe, non-blocking.
  int fd() const { return pipe_.get(); }
  pid_t pid() const { return pid_; }

 private:
  ReaderChild() = default;

  pid_t pid_ = -1;
  UniqueFd process_;  // pidfd: its number may be another's once it is reaped
  UniqueFd pipe_;
};

}  // namespace ts::os
