#include "lib/os/landlock.h"

#include <linux/landlock.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>

#include "lib/base/unique_fd.h"

namespace ts::os {
namespace {

/// All rights over files that each version of the interface knows ([landlock(7)], VERSIONS): the 13 of the
/// first, then LANDLOCK_ACCESS_FS_REFER, _TRUNCATE and, in the fifth, _IOCTL_DEV, which headers may not have
/// yet.
constexpr std::array<std::uint64_t, 5> kFileRights{(1 << 13) - 1, (1 << 14) - 1, (1 << 15) - 1, (1 << 15) - 1,
                                                   (1 << 16) - 1};

}  // namespace

Result<bool> give_up_files() {
  long version = ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
  if (version < 1) {
    // EPERM: a container that filters system calls it does not know.
    if (errno == ENOSYS || errno == EOPNOTSUPP || errno == EPERM) return false;
    return fail_errno("asking for Landlock");
  }
  auto known = std::min(static_cast<std::size_t>(version), kFileRights.size());
  landlock_ruleset_attr rights{};
  rights.handled_access_fs = kFileRights.at(known - 1);
  // The first field is all that is used, and all that the first version has.
  UniqueFd rules(
      static_cast<int>(::syscall(SYS_landlock_create_ruleset, &rights, sizeof rights.handled_access_fs, 0)));
  if (!rules) return fail_errno("making Landlock's rules");
  if (::syscall(SYS_landlock_restrict_self, rules.get(), 0) != 0) return fail_errno("giving up files");
  return true;
}

}  // namespace ts::os
