// What a `tsctl up` that was killed has left on its runtime folder: tsspawn with all sessions, which the next
// one takes over. (tssession and tsd end with their supervisor; they lose nobody anything.)
#pragma once

#include <sys/types.h>

#include "lib/base/layout.h"
#include "lib/base/result.h"
#include "lib/base/unique_fd.h"

namespace ts::tsctl {

struct Predecessor {
  pid_t spawner = 0;   // tsspawn; 0: none is there
  UniqueFd listening;  // its socket
};

/// Asks the tsspawn that serves RUNTIME, if one does, to be ours and to print on `output` (borrowed) from now
/// on. Waits a few seconds for its answer; errors say what to do.
Result<Predecessor> take_over(const Layout& layout, int output);

}  // namespace ts::tsctl
