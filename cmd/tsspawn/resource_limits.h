// Limits of what sessions may use of the machine (limits.memory and the like): the parent of all sessions
// gets the cgroup controllers ready that they need, and says which of them will not hold.
#pragma once

#include "lib/config/config.h"

namespace ts::spawn {

/// Once, before anything is started. Warns; nothing is changed where no limit is configured.
void prepare_resource_limits(const config::Limits& limits);

}  // namespace ts::spawn
