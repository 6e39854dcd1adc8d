// The cage of a process that reads a stranger's bytes: no files, no network, no new privileges, memory
// limited.
#pragma once

#include <cstddef>

#include "lib/base/result.h"

namespace ts::os {

struct Sandbox {
  int empty_root_fd = -1;        // chroot there if we may (CAP_SYS_CHROOT); -1: none
  std::size_t memory_limit = 0;  // RLIMIT_AS in bytes, 0: none
};

/// chroot, drop every capability, no_new_privs, not dumpable (nobody but root traces it or reads its memory),
/// first in line when the machine is out of memory, Landlock without any file where the kernel has it,
/// RLIMIT_NPROC, CORE, MEMLOCK and MSGQUEUE 0, 64 descriptors, then the seccomp filter: an allow-list for an
/// event loop over descriptors that are open already, without executable mappings, which leaves descriptors
/// 0 to 3 as they are for whoever else holds them. Opening files fails with EACCES, what is not named with
/// EPERM; socket, exec, fork, ptrace, kill end the process (SIGSYS). Irreversible; call it after everything
/// has been opened; there are no threads before or after. No file size limit: the log and the key log may be
/// files, and no other can be opened.
[[nodiscard]] Result<> enter_sandbox(const Sandbox& sandbox);

}  // namespace ts::os
