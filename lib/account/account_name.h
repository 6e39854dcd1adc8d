// Accounts as the configuration names them: a user, or @ and a group.
#pragma once

#include <string>
#include <vector>

#include "lib/os/users.h"

namespace ts::account {

/// By name, or as a member of a group. Asks the system for the groups: may block.
bool is_named(const std::vector<std::string>& names, const os::User& user);

}  // namespace ts::account
