#include "cmd/tsctl/folders.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <set>

#include "cmd/tsctl/roles.h"
#include "lib/os/users.h"

namespace ts::tsctl {
namespace {

namespace fs = std::filesystem;

bool as_root() {
  return ::geteuid() == 0;
}

/// Others have to find sockets below ours when there are others.
mode_t public_mode() {
  return as_root() ? 0755 : 0700;
}

constexpr const char* kLockName = "up.lock";

/// Nobody else may own or write to a folder whose files we believe. Returns whether it was made.
Result<bool> own_folder(const fs::path& path, mode_t mode, const char* option) {
  std::error_code error;
  bool parents = fs::create_directories(path.parent_path(), error);
  (void)parents;
  if (!error && ::mkdir(path.c_str(), mode) == 0) {
    if (::chmod(path.c_str(), mode) != 0) return fail_errno(fmt::format("chmod '{}'", path.native()));
    return true;
  }
  int number = error ? error.value() : errno;
  if (number != EEXIST) {
    return fail_errno(
        fmt::format("the folder '{}' cannot be made, choose another with {}", path.native(), option), number);
  }
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0 || !S_ISDIR(info.st_mode)) {
    return fail(ErrorCode::kRefused, "'{}' is not a folder; choose another with {}", path.native(), option);
  }
  if (info.st_uid != ::geteuid()) {
    return fail(ErrorCode::kRefused,
                "the folder '{}' belongs to uid {} and not to us (uid {}); choose another with {}",
                path.native(), info.st_uid, ::geteuid(), option);
  }
  if ((info.st_mode & 022) != 0) {
    return fail(ErrorCode::kRefused, "the folder '{}' may be written to by others; choose another with {}",
                path.native(), option);
  }
  // Roles with other uids have to look names up here; what is in it has its own modes.
  if (as_root() && (info.st_mode & 0111) != 0111 &&
      ::chmod(path.c_str(), (info.st_mode & 07777) | 0111) != 0) {
    return fail_errno(fmt::format("chmod '{}'", path.native()));
  }
  if (::access(path.c_str(), W_OK | X_OK) != 0) {
    return fail_errno(
        fmt::format("the folder '{}' cannot be written to, choose another with {}", path.native(), option));
  }
  return false;
}

Result<> subfolder(const fs::path& path, mode_t mode, const std::string& user,
                   const std::string& group = "") {
  if (::mkdir(path.c_str(), mode) != 0 && errno != EEXIST)
    return fail_errno(fmt::format("making '{}'", path.native()));
  if (as_root()) {
    uid_t uid = 0;
    gid_t gid = 0;
    if (!user.empty()) {
      TS_TRY_ASSIGN(auto account, os::user_by_name(user));
      uid = account.uid;
      gid = account.gid;
    }
    if (!group.empty()) {
      TS_TRY_ASSIGN(gid, os::group_by_name(group));
    }
    if (::lchown(path.c_str(), uid, gid) != 0) return fail_errno(fmt::format("chown '{}'", path.native()));
  }
  if (::chmod(path.c_str(), mode) != 0) return fail_errno(fmt::format("chmod '{}'", path.native()));
  return {};
}

/// Everything in the folder but the lock and these; links are removed, not followed.
Result<> empty_folder(const fs::path& folder, const std::set<fs::path>& but = {}) {
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    if (entry->path().filename() != kLockName && !but.contains(entry->path()))
      fs::remove_all(entry->path(), error);
  }
  if (error) return fail_errno(fmt::format("emptying '{}'", folder.native()), error.value());
  return {};
}

Result<> check_ours(const fs::path& folder) {
  std::error_code error;
  if (fs::exists(folder / kLockName, error) || fs::is_empty(folder, error)) return {};
  return fail(ErrorCode::kRefused,
              "the runtime folder '{}' holds files that no 'tsctl up' made; choose another with --runtime",
              folder.native());
}

/// The lock, or kRefused when another process has it. A predecessor removes the file as it goes: the one that
/// was locked has to be the one that is still there.
Result<UniqueFd> lock(const fs::path& folder) {
  auto path = folder / kLockName;
  for (;;) {
    UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!fd)
      return fail_errno(fmt::format("the folder '{}' cannot be written to, choose another with --runtime",
                                    folder.native()));
    if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
      if (errno != EWOULDBLOCK) return fail_errno(fmt::format("locking '{}'", path.native()));
      return fail(ErrorCode::kRefused,
                  "another 'tsctl up' runs on '{}'; end it first, or choose another with --runtime",
                  folder.native());
    }
    struct stat locked {
    }, there{};
    if (::fstat(fd.get(), &locked) == 0 && ::stat(path.c_str(), &there) == 0 && locked.st_ino == there.st_ino)
      return fd;
  }
}

}  // namespace

Result<std::unique_ptr<RuntimeFolder>> RuntimeFolder::take(const Layout& layout) {
  TS_TRY_ASSIGN(bool made, own_folder(layout.runtime, public_mode(), "--runtime"));
  TS_TRY(check_ours(layout.runtime));
  TS_TRY_ASSIGN(auto locked, lock(layout.runtime));
  return std::unique_ptr<RuntimeFolder>(new RuntimeFolder(layout.runtime, std::move(locked), made));
}

Result<> RuntimeFolder::prepare(const Layout& layout) {
  TS_TRY(in_use_ ? empty_folder(path_, {layout.empty_root(), layout.spawn_socket()}) : empty_folder(path_));
  return subfolder(layout.empty_root(), 0555, "");
}

RuntimeFolder::~RuntimeFolder() {
  if (in_use_) return;
  (void)empty_folder(path_);
  ::unlink((path_ / kLockName).c_str());
  if (made_) ::rmdir(path_.c_str());
}

Result<> prepare_state(const Layout& layout) {
  TS_TRY(own_folder(layout.state, public_mode(), "--state"));
  TS_TRY(subfolder(layout.listener_pki().parent_path(), public_mode(), ""));
  TS_TRY(subfolder(layout.listener_pki(), 0700, "tsd"));
  TS_TRY(subfolder(layout.manager_state(), 0700, "tssession"));
  TS_TRY(subfolder(layout.accounts_file().parent_path(), 0700, ""));
  TS_TRY(subfolder(layout.events(), public_mode(), ""));
  // What a role writes is for the group; whose the files are, the folder says.
  for (const char* role : {"tsd", "tssession", kSupervisorLog}) {
    bool account = role != std::string_view(kSupervisorLog);
    TS_TRY(subfolder(layout.events_of(role), as_root() ? 02750 : 0700, account ? role : "",
                     std::string(kAdminGroup)));
  }
  return {};
}

bool reachable(const fs::path& folder, uid_t uid, gid_t gid) {
  for (fs::path path = folder;; path = path.parent_path()) {
    struct stat info {};
    if (::stat(path.c_str(), &info) != 0) return false;
    mode_t wanted = info.st_uid == uid ? S_IXUSR : info.st_gid == gid ? S_IXGRP : S_IXOTH;
    if ((info.st_mode & wanted) == 0) return false;
    if (path == path.parent_path()) return true;
  }
}

Result<> write_file(const fs::path& path, const std::string& text, mode_t mode) {
  UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode));
  if (!fd || ::fchmod(fd.get(), mode) != 0) return fail_errno(fmt::format("making '{}'", path.native()));
  ssize_t written = ::write(fd.get(), text.data(), text.size());
  if (written < 0) return fail_errno(fmt::format("writing '{}'", path.native()));
  if (static_cast<std::size_t>(written) != text.size())
    return fail(ErrorCode::kSystem, "'{}' is cut: is the disk full?", path.native());
  return {};
}

}  // namespace ts::tsctl
