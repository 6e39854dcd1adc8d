// The accounts that a service needs on the machine, and the one that the first logon is made with.
#pragma once

#include <string>

#include "lib/base/result.h"

namespace ts::tsctl {

/// As root: the roles' system users and the group of administrators, made if missing.
Result<> prepare_system_accounts();

/// Who may log on with the password that `up` prints: the calling user; under sudo the one who called sudo;
/// for plain root the first ordinary account, which is made if there is none.
Result<std::string> first_user();

}  // namespace ts::tsctl
