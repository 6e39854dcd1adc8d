// The room (lib/os/room.h) of a user's session, where the configuration wants sessions to be private.
#pragma once

#include <optional>

#include "cmd/tsuserinit/user_files.h"
#include "lib/config/config.h"
#include "lib/os/room.h"

namespace ts::userinit {

/// Empty: sessions are shared. After PAM's session is open, whose mounts are in the room then.
[[nodiscard]] Result<std::optional<os::Room>> open_room(const config::Config& config, const os::User& user,
                                                        const UserFiles& files, int display);

}  // namespace ts::userinit
