// The defaults that depend on who asks: root and system users get the system's
// folders and PAM, anybody else their own.
#pragma once

#include <sys/types.h>

#include <functional>
#include <string>

#include "lib/config/config.h"

namespace ts::config {

/// A variable of the environment; empty when it is not set.
using Environment = std::function<std::string(const char*)>;

Config defaults_for(uid_t uid, const Environment& environment);

/// Of this process.
Config defaults();

/// The system's own instance, which a user's tools ask when the user runs none.
Layout system_layout();

}  // namespace ts::config
