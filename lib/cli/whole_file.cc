#include "lib/cli/whole_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>

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

/// Only root and we can put something into the folder that holds this name, or take it away.
bool nobody_else_names(const std::string& path) {
  std::string folder = std::filesystem::path(path).parent_path();
  struct stat info {};
  if (::stat(folder.empty() ? "." : folder.c_str(), &info) != 0) return false;
  if (info.st_uid != 0 && info.st_uid != ::geteuid()) return false;
  if ((info.st_mode & (S_IWGRP | S_IWOTH)) == 0) return true;
  // As in /tmp: what is ours there stays ours.
  struct stat own {};
  return (info.st_mode & S_ISVTX) != 0 && ::lstat(path.c_str(), &own) == 0 && own.st_uid == ::geteuid();
}

/// A pipe or a device is written into. What somebody else has put into their folder, a link to a device of
/// ours or a pipe that they read, is not what was meant: their name becomes a file as any other.
bool is_written_into(const std::string& path) {
  struct stat there {};
  return ::stat(path.c_str(), &there) == 0 && !S_ISREG(there.st_mode) &&
         (S_ISDIR(there.st_mode) || nobody_else_names(path));
}

}  // namespace

Result<> write_whole_file(const std::string& path, ByteView content, mode_t mode) {
  if (is_written_into(path)) {
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
