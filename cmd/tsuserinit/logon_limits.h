// The limits of a session's programs under logind, which puts them into a group of its own and systemd's:
// that one is limited by systemd, which is asked with systemctl.
#pragma once

#include "lib/session/resources.h"

namespace ts::userinit {

/// After PAM's session is open. Nothing to do where this process is not in a group of logind's. May block as
/// PAM may; what does not work is warned of.
void limit_logon(const session::Resources& resources);

}  // namespace ts::userinit
