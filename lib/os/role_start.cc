#include "lib/os/role_start.h"

#include <grp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "lib/base/log.h"
#include "lib/os/users.h"

namespace ts::os {
namespace {

namespace fs = std::filesystem;

/// Makes the folder, or finds one that is ours and that nobody else may write to. Returns whether it was
/// made.
Result<bool> make_or_check(const fs::path& path, mode_t mode, const char* option) {
  std::error_code error;
  fs::create_directories(path.parent_path(), error);
  if (error) return fail_errno(fmt::format("making '{}'", path.parent_path().native()), error.value());
  if (::mkdir(path.c_str(), mode) == 0) {
    // Whatever the umask was.
    if (::chmod(path.c_str(), mode) != 0) return fail_errno(fmt::format("chmod '{}'", path.native()));
    return true;
  }
  if (errno != EEXIST)
    return fail_errno(
        fmt::format("the folder '{}' cannot be made, choose another with {}", path.native(), option));
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return fail_errno(fmt::format("looking at '{}'", path.native()));
  bool ours = info.st_uid == ::geteuid() || info.st_uid == 0;
  if (!S_ISDIR(info.st_mode) || !ours || (info.st_mode & 022) != 0)
    return fail(ErrorCode::kRefused,
                "'{}' is not a folder that only we (uid {}) may write to; choose another with {}",
                path.native(), ::geteuid(), option);
  return false;
}

}  // namespace

Result<> prepare_runtime(const Layout& layout) {
  TS_TRY_ASSIGN([[maybe_unused]] bool made,
                make_or_check(layout.runtime, ::geteuid() == 0 ? 0755 : 0700, "--runtime"));
  return {};
}

Result<> prepare_empty_root(const Layout& layout) {
  TS_TRY(prepare_runtime(layout));
  if (::mkdir(layout.empty_root().c_str(), 0555) != 0 && errno != EEXIST)
    return fail_errno(fmt::format("making '{}'", layout.empty_root().native()));
  return {};
}

Result<> prepare_listener_pki(const Layout& layout, const std::string& account) {
  if (::geteuid() != 0) return {};
  auto folder = layout.listener_pki();
  if (::access(folder.c_str(), F_OK) == 0) return {};
  TS_TRY_ASSIGN(auto user, user_by_name(account));
  TS_TRY_ASSIGN([[maybe_unused]] bool state, make_or_check(layout.state, 0755, "--state"));
  TS_TRY_ASSIGN([[maybe_unused]] bool pki, make_or_check(folder.parent_path(), 0755, "--state"));
  TS_TRY_ASSIGN(bool made, make_or_check(folder, 0700, "--state"));
  if (made && ::lchown(folder.c_str(), user.uid, user.gid) != 0)
    return fail_errno(fmt::format("giving '{}' to '{}'", folder.native(), account));
  return {};
}

namespace {

Result<> make_events(const Layout& layout, const std::string& role) {
  auto folder = layout.events() / role;
  if (::access(folder.c_str(), F_OK) == 0) return {};
  bool root = ::geteuid() == 0;
  uid_t owner = ::geteuid();
  gid_t readers = ::getegid();
  if (root) {
    TS_TRY_ASSIGN(auto user, user_by_name(role));
    owner = user.uid;
    TS_TRY_ASSIGN(readers, group_by_name("tsadmin"));
  }
  TS_TRY_ASSIGN([[maybe_unused]] bool state, make_or_check(layout.state, root ? 0755 : 0700, "--state"));
  TS_TRY_ASSIGN([[maybe_unused]] bool events, make_or_check(layout.events(), root ? 0755 : 0700, "--state"));
  TS_TRY_ASSIGN(bool made, make_or_check(folder, 0700, "--state"));
  if (!root || !made) return {};
  if (::lchown(folder.c_str(), owner, readers) != 0 || ::chmod(folder.c_str(), 02750) != 0)
    return fail_errno(fmt::format("giving '{}' to '{}'", folder.native(), role));
  return {};
}

}  // namespace

void prepare_events(const Layout& layout, const std::string& role) {
  auto made = make_events(layout, role);
  // Whoever writes the first event says that it cannot, but not why there is no folder.
  if (!made && ::geteuid() == 0) log::warning("There is no folder for events: {}", made.error().message);
}

Result<> become_account(const std::string& account) {
  if (::geteuid() != 0) return {};
  auto user = user_by_name(account);
  if (!user)
    return pass(user.error(),
                fmt::format("started as root and therefore to go on as '{}'; 'systemd-sysusers' makes the "
                            "accounts after an installation",
                            account));
  if (::initgroups(user->name.c_str(), user->gid) != 0 || ::setresgid(user->gid, user->gid, user->gid) != 0 ||
      ::setresuid(user->uid, user->uid, user->uid) != 0)
    return fail_errno(fmt::format("becoming '{}'", account));
  if (user->uid != 0 && ::setuid(0) == 0)
    return fail(ErrorCode::kInternal, "root's rights are still there after becoming '{}'", account);
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return fail_errno("no_new_privs");
  return {};
}

void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  (void)::setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace ts::os
