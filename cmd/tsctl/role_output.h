// Where roles, and all that descend from them, print. Our own standard error where that can only be written
// to (a file, a pipe) or is systemd's journal. A terminal, though, is one description for reading and
// writing: a stack that a stranger took over would read what the administrator types, change the terminal's
// modes and send it control sequences. So roles get a pipe then, and a small process of ours copies it,
// control bytes made harmless.
//
// What one process writes stays in order; lines up to PIPE_BUF stay whole. Nothing is dropped: where the
// terminal takes no more (Ctrl-S), whoever prints waits, as at a terminal itself. What remains: whatever
// holds the pipe can print any text, also one that looks like another role's.
#pragma once

#include <sys/types.h>

#include "lib/base/result.h"
#include "lib/base/unique_fd.h"

namespace ts::tsctl {

class RoleOutput {
 public:
  /// Forks where there is something to copy: to be called while this process has no threads.
  [[nodiscard]] static Result<RoleOutput> open();
  RoleOutput(RoleOutput&&) = default;
  RoleOutput& operator=(RoleOutput&&) = delete;
  /// Waits, a moment at most, until what the roles said is printed; they have ended by then.
  ~RoleOutput();

  /// For the roles' standard output and error; borrowed.
  int fd() const;

 private:
  RoleOutput() = default;

  UniqueFd pipe_;    // the end that is written to; none: standard error itself
  UniqueFd copier_;  // its pidfd
};

}  // namespace ts::tsctl
