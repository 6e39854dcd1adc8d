#include "lib/os/network_namespace.h"

#include <fcntl.h>
#include <sched.h>

#include <cstdlib>

namespace ts::os {
namespace {

UniqueFd present_network() {
  return UniqueFd(::open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC));
}

}  // namespace

Result<UniqueFd> make_empty_network() {
  UniqueFd own = present_network();
  if (!own) return fail_errno("opening /proc/self/ns/net");
  if (::unshare(CLONE_NEWNET) != 0) return fail_errno("making a network namespace");
  UniqueFd made = present_network();
  int error = errno;
  // Nothing that is started from here could be reached by anybody.
  if (::setns(own.get(), CLONE_NEWNET) != 0) std::abort();
  if (!made) return fail_errno("opening the new network namespace", error);
  return made;
}

}  // namespace ts::os
