#include "lib/cli/whole_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "lib/base/unique_fd.h"

namespace ts::cli {
namespace {

Unexpected cannot_write(const std::string& path) {
  return fail_errno(fmt::format("cannot write '{}'", path));
}

/// False: errno says why.
bool write_all(int fd, ByteView content) {
  while (!content.empty()) {
    ssize_t written = ::write(fd, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    content = content.subspan(static_cast<std::size_t>(written));
  }
  return true;
}

/// Removes the file unless it has got its name.
class Unnamed {
 public:
  explicit Unnamed(std::string path) : path_(std::move(path)) {}
  ~Unnamed() {
    if (!path_.empty()) ::unlink(path_.c_str());
  }
  bool name(const std::string& path) {
    if (::rename(path_.c_str(), path.c_str()) != 0) return false;
    path_.clear();
    return true;
  }

 private:
  std::string path_;
};

}  // namespace

Result<> write_whole_file(const std::string& path, ByteView content, mode_t mode) {
  struct stat there {};
  if (::stat(path.c_str(), &there) == 0 && !S_ISREG(there.st_mode)) {
    UniqueFd fd(::open(path.c_str(), O_WRONLY | O_NOCTTY | O_CLOEXEC));
    if (!fd || !write_all(fd.get(), content)) return cannot_write(path);
    return {};
  }
  std::string temporary = path + ".XXXXXX";
  UniqueFd fd(::mkostemp(temporary.data(), O_CLOEXEC));
  if (!fd) return cannot_write(path);
  Unnamed file(temporary);
  if (::fchmod(fd.get(), mode) != 0 || !write_all(fd.get(), content) || ::fsync(fd.get()) != 0 ||
      !file.name(path)) {
    return cannot_write(path);
  }
  return {};
}

}  // namespace ts::cli
