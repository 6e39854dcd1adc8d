#include "cmd/tssession/drain_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "lib/base/unique_fd.h"

namespace ts::tssession {

Result<bool> DrainFile::is_there() const {
  struct stat info {};
  if (::lstat(path_.c_str(), &info) == 0) return true;
  if (errno == ENOENT || errno == ENOTDIR) return false;
  return fail_errno(fmt::format("looking for '{}'", path_.native()));
}

Result<> DrainFile::make() const {
  // Whoever starts this role usually has made the folder.
  (void)::mkdir(path_.parent_path().c_str(), 0700);
  UniqueFd fd(::open(path_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd) return fail_errno(fmt::format("'{}' cannot be made", path_.native()));
  UniqueFd folder(::open(path_.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder || ::fsync(folder.get()) != 0)
    return fail_errno(fmt::format("'{}' cannot be kept", path_.native()));
  return {};
}

Result<> DrainFile::remove() const {
  if (::unlink(path_.c_str()) == 0 || errno == ENOENT || errno == ENOTDIR) return {};
  return fail_errno(fmt::format("'{}' cannot be removed", path_.native()));
}

}  // namespace ts::tssession
