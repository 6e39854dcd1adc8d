// The limits of what a session may use of the machine (lib/session/resources.h), set on its control group and
// kept by the kernel. One that cannot be set is not in force, and said not to be.
#pragma once

#include "lib/os/cgroup.h"
#include "lib/session/resources.h"

namespace ts::host {

/// The same with what is in force now.
session::Resources limit(const std::optional<os::Cgroup>& group, session::Resources wanted);

/// The same for a group that somebody else limits: logind's, of the user's programs.
session::Resources limited(const os::Cgroup& group, session::Resources wanted);

}  // namespace ts::host
