// Which limits an account has: those of the rules that name it, else the server's own.
#pragma once

#include "lib/config/config.h"
#include "lib/os/users.h"
#include "lib/session/userinit_messages.h"

namespace ts::userinit {

/// Asks the system for the groups of `user`: may block.
session::UserinitLimits limits_of(const config::Config& config, const os::User& user);

}  // namespace ts::userinit
