#include "cmd/tshost/display_uid.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "lib/os/process_tree.h"

namespace ts::host {
namespace {

/// The claim is a lock on one byte, the uid's, of an empty file that only root can open: the kernel gives it
/// to one process and takes it back when that ends, however it ends, and no ordinary user can hold one. One
/// file for the machine, so that servers with different runtime folders see each other's.
constexpr const char* kClaims = "/run/ts-display-uids.lock";

Result<UniqueFd> open_claims() {
  UniqueFd fd(::open(kClaims, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd) return fail_errno(fmt::format("opening '{}'", kClaims));
  return fd;
}

Result<bool> lock_byte(int fd, uid_t uid, short type) {
  struct flock range {};
  range.l_type = type;
  range.l_whence = SEEK_SET;
  range.l_start = static_cast<off_t>(uid);
  range.l_len = 1;
  if (::fcntl(fd, F_OFD_SETLK, &range) == 0) return true;
  if (errno == EAGAIN || errno == EACCES) return false;
  return fail_errno(fmt::format("locking '{}'", kClaims));
}

}  // namespace

Result<DisplayUid> claim_display_uid(const config::UidRange& range, std::uint32_t session_id) {
  TS_TRY_ASSIGN(auto claims, open_claims());
  std::uint32_t count = range.last - range.first + 1;
  for (std::uint32_t i = 0; i < count; ++i) {
    uid_t uid = range.first + (session_id + i) % count;
    TS_TRY_ASSIGN(bool ours, lock_byte(claims.get(), uid, F_WRLCK));
    if (!ours) continue;
    // Claimed first, then looked: two hosts never both find it free.
    if (!os::uid_in_use(uid)) return DisplayUid{uid, std::move(claims)};
    TS_TRY(lock_byte(claims.get(), uid, F_UNLCK));
  }
  return fail(
      ErrorCode::kUnavailable,
      "no uid of sessions.display_uids ({} to {}) is free: give the range more uids that nobody else uses",
      range.first, range.last);
}

}  // namespace ts::host
