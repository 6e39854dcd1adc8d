// An empty network: no address, not even a loopback device that is up, and none of the host's abstract Unix
// sockets.
#pragma once

#include "lib/base/result.h"
#include "lib/base/unique_fd.h"

namespace ts::os {

/// Lives as long as the descriptor, or a process in it (Spawn::network). Needs CAP_SYS_ADMIN; the caller must
/// have one thread only and is back in its own network afterwards.
[[nodiscard]] Result<UniqueFd> make_empty_network();

}  // namespace ts::os
