// Landlock(7): a process gives up files by itself, without any right, for good, and for all that it starts.
#pragma once

#include "lib/base/result.h"

namespace ts::os {

/// No file can be opened, made, removed, renamed or run any more, whatever the process gets hold of later;
/// what is open stays so. With no_new_privs only. False: this kernel has no Landlock, it is not enabled, or a
/// container keeps it away.
[[nodiscard]] Result<bool> give_up_files();

}  // namespace ts::os
