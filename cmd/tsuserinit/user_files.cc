#include "cmd/tsuserinit/user_files.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <iterator>

#include "lib/base/log.h"
#include "lib/base/unique_fd.h"
#include "lib/os/programs.h"

namespace ts::userinit {
namespace {

namespace fs = std::filesystem;

constexpr const char* kMade = ".made-by-ts";  // in a runtime folder that we made and therefore remove
constexpr const char* kPrefix = "ts-";        // of each session's folder in it

/// A folder of this user's that nobody else may enter.
bool is_private_folder(const fs::path& path, uid_t uid) {
  struct stat status {};
  return ::lstat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode) && status.st_uid == uid &&
         (status.st_mode & 077) == 0;
}

Result<> make_private_folder(const fs::path& path, const os::User& user) {
  bool made = ::mkdir(path.c_str(), 0700) == 0;
  if (!made && errno != EEXIST) return fail_errno(fmt::format("making '{}'", path.string()));
  // Its parent is root's (or our own), so nobody could put something else there.
  if (made && ::geteuid() == 0 && ::lchown(path.c_str(), user.uid, user.gid) != 0) {
    return fail_errno(fmt::format("giving '{}' to its user", path.string()));
  }
  if (!is_private_folder(path, user.uid)) {
    return fail(ErrorCode::kRefused, "'{}' is not a folder that only '{}' may enter", path.string(),
                user.name);
  }
  if (made) {
    AsUser as_user(user);
    UniqueFd mark(::open((path / kMade).c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  }
  return {};
}

/// All of an XAUTHORITY entry that a local client looks at. Family "wild" (0xffff) fits every host name,
/// which may change while the session lives. Fields: family, then address, number, name, data, each after its
/// length; numbers are 16 bits, high byte first (libXau).
std::string xauthority_text(int display, const std::array<std::byte, 16>& cookie) {
  std::string out;
  auto u16 = [&](std::size_t value) {
    out.push_back(static_cast<char>(value >> 8));
    out.push_back(static_cast<char>(value & 0xff));
  };
  auto field = [&](std::string_view text) {
    u16(text.size());
    out.append(text);
  };
  u16(0xffff);
  field("");
  field(std::to_string(display));
  field("MIT-MAGIC-COOKIE-1");
  field({reinterpret_cast<const char*>(cookie.data()), cookie.size()});
  return out;
}

UniqueFd locked(const fs::path& folder) {
  UniqueFd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (fd && ::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) fd.reset();
  return fd;
}

/// Does another session use the runtime folder? What killed ones left there is removed on the way.
bool has_session(const fs::path& runtime) {
  std::error_code error;
  bool found = false;
  for (fs::directory_iterator at(runtime, error), end; !error && at != end; at.increment(error)) {
    if (!at->path().filename().string().starts_with(kPrefix)) continue;
    std::error_code ignored;
    if (locked(at->path()))
      fs::remove_all(at->path(), ignored);
    else
      found = true;
  }
  return found;
}

}  // namespace

AsUser::AsUser(const os::User& user) {
  if (::geteuid() != 0 || user.uid == 0) return;
  changed_ = true;
  ok_ = ::setegid(user.gid) == 0 && ::seteuid(user.uid) == 0;
}

AsUser::~AsUser() {
  if (!changed_) return;
  if (::seteuid(0) != 0 || ::setegid(0) != 0)
    ::_exit(1);  // neither the one nor the other: nothing safe to do
}

UserFiles::UserFiles(os::User user, fs::path runtime, const std::string& name)
    : user_(std::move(user)), runtime_(std::move(runtime)), folder_(runtime_ / (kPrefix + name)) {}

Result<UserFiles> UserFiles::make(const os::User& user, const std::string& candidate,
                                  const fs::path& own_folder, const std::string& name) {
  const fs::path own = ::geteuid() == 0 ? fs::path("/run/user") / std::to_string(user.uid) : own_folder;
  fs::path runtime = candidate;
  if (!runtime.is_absolute() || !is_private_folder(runtime, user.uid)) {
    runtime = own;
    if (::geteuid() == 0 && ::mkdir("/run/user", 0755) != 0 && errno != EEXIST)
      return fail_errno("making '/run/user'");
    TS_TRY(make_private_folder(runtime, user));
  }
  UserFiles files(user, runtime, name);
  files.own_runtime_ = runtime == own;
  AsUser as_user(user);
  if (!as_user.ok()) return fail_errno("becoming the user");
  // Under its final name only once it is locked, so that nobody takes it for a left one.
  auto fresh = runtime / (".new-" + name);
  if (::mkdir(fresh.c_str(), 0700) != 0 || !(files.lock_ = locked(fresh)) ||
      ::rename(fresh.c_str(), files.folder_.c_str()) != 0) {
    return fail_errno(fmt::format("making '{}'", files.folder_.string()));
  }
  return files;
}

Result<> UserFiles::write(const fs::path& path, const std::string& text, mode_t mode) const {
  AsUser as_user(user_);
  if (!as_user.ok()) return fail_errno("becoming the user");
  UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode));
  if (!fd || ::write(fd.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
    return fail_errno(fmt::format("writing '{}'", path.string()));
  }
  return {};
}

Result<> UserFiles::write_xauthority(int display, const std::array<std::byte, 16>& cookie) const {
  return write(xauthority(), xauthority_text(display, cookie), 0600);
}

Result<> UserFiles::copy_script(const std::string& name) const {
  TS_TRY_ASSIGN(auto source, os::find_program(name));
  std::ifstream in(source, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  if (!in || text.empty()) return fail(ErrorCode::kSystem, "the script '{}' cannot be read", source.string());
  return write(folder_ / name, text, 0700);
}

void UserFiles::remove() {
  std::error_code error;
  bool last = false;
  {
    AsUser as_user(user_);
    if (!as_user.ok()) return;
    fs::remove_all(folder_, error);
    lock_.reset();
    if (error) log::warning("Ignoring what is left of '{}': {}", folder_.string(), error.message());
    // The mark is in a folder of the user's, who may put one anywhere: elsewhere it says nothing.
    last = own_runtime_ && fs::exists(runtime_ / kMade, error) && !has_session(runtime_);
    if (last)
      fs::remove_all(runtime_, error);  // its contents; the folder itself is in one that is not the user's
  }
  if (last) ::rmdir(runtime_.c_str());
}

}  // namespace ts::userinit
