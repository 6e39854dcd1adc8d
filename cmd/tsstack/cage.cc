#include "cmd/tsstack/cage.h"

#include <fcntl.h>
#include <unistd.h>

#include "lib/os/sandbox.h"

namespace ts::stack {
namespace {

/// Address space: maps a framebuffer of up to 1 GiB.
constexpr std::size_t kMemoryLimit = std::size_t{2} << 30;

}  // namespace

Result<> enter_cage() {
  const bool have_root = ::fcntl(kEmptyRootFd, F_GETFD) >= 0;
  TS_TRY(os::enter_sandbox({.empty_root_fd = have_root ? kEmptyRootFd : -1, .memory_limit = kMemoryLimit}));
  if (have_root) ::close(kEmptyRootFd);
  return {};
}

}  // namespace ts::stack
