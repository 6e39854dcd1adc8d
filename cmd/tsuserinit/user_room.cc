#include "cmd/tsuserinit/user_room.h"

#include <unistd.h>

namespace ts::userinit {

Result<std::optional<os::Room>> open_room(const config::Config& config, const os::User& user,
                                          const UserFiles& files, int display) {
  if (config.sessions.isolation != config::Isolation::kPrivate) return std::nullopt;
  for (const std::string own : {"/tmp", "/dev/shm"}) {
    if (!(user.home / "").native().starts_with(own + '/')) continue;
    return fail(ErrorCode::kRefused,
                "the home folder '{}' is below {}, of which a private session has its own: move it, or set "
                "sessions.isolation to shared",
                user.home.string(), own);
  }
  os::Room::Plan plan;
  plan.display = display;
  plan.runtime = files.runtime();
  plan.folder = files.folder();
  plan.uid = user.uid;
  plan.gid = user.gid;
  plan.host = ::getppid();
  TS_TRY_ASSIGN(auto room, os::Room::open(plan));
  return std::optional(std::move(room));
}

}  // namespace ts::userinit
