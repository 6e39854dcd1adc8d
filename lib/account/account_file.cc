#include "lib/account/account_file.h"

#include <crypt.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <memory>

#include "lib/base/random.h"
#include "lib/base/unique_fd.h"

namespace ts::account {
namespace {

constexpr std::size_t kMaxFileBytes = 16 << 20;
constexpr std::size_t kMaxUserBytes = 255;

struct FreeMemory {
  void operator()(void* data) const { std::free(data); }
};

/// The hash of `password` under the salt and method of `setting`; empty when that is not a usable setting.
Result<std::string> hash_with(const std::string& password, const std::string& setting) {
  // 32 kB, so not on the stack; wiped, since it holds what was derived from the password.
  auto data = std::make_unique<crypt_data>();
  const char* hash = ::crypt_rn(password.c_str(), setting.c_str(), data.get(), sizeof *data);
  Result<std::string> out = hash ? Result<std::string>(hash) : fail_errno("hashing a password");
  wipe(data.get(), sizeof *data);
  return out;
}

/// In time that depends only on the length, which for hashes of one method is the same.
bool equal(const std::string& a, const std::string& b) {
  if (a.size() != b.size()) return false;
  unsigned difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) difference |= static_cast<unsigned char>(a[i] ^ b[i]);
  return difference == 0;
}

/// Good for a hash of nobody's: what verifying an unknown user is compared with.
Result<std::string> dummy_setting() {
  std::unique_ptr<char, FreeMemory> setting(::crypt_gensalt_ra("$y$", 0, nullptr, 0));
  if (!setting) return fail_errno("making a salt");
  return std::string(setting.get());
}

Result<> check_user_name(const std::string& user) {
  bool bad = user.empty() || user.size() > kMaxUserBytes ||
             std::any_of(user.begin(), user.end(),
                         [](unsigned char c) { return c < 0x20 || c == ':' || c == 0x7f; });
  if (bad)
    return fail(ErrorCode::kRefused,
                "a user name has 1 to 255 characters, no colon and no control characters");
  return {};
}

/// Others must neither read the hashes nor have written them.
Result<> check_ownership(int fd, const std::filesystem::path& path) {
  struct stat status {};
  if (::fstat(fd, &status) != 0) return fail_errno(fmt::format("reading '{}'", path.string()));
  if (!S_ISREG(status.st_mode)) return fail(ErrorCode::kRefused, "'{}' is not a file", path.string());
  if (status.st_uid != ::geteuid() && status.st_uid != 0) {
    return fail(ErrorCode::kRefused, "'{}' belongs to another user (uid {}): its passwords are not believed",
                path.string(), status.st_uid);
  }
  if ((status.st_mode & 077) != 0) {
    return fail(ErrorCode::kRefused, "'{}' may be read or written by others: run chmod 600 on it",
                path.string());
  }
  return {};
}

Result<std::string> read_all(int fd, const std::filesystem::path& path) {
  std::string text;
  char buffer[16384];
  for (;;) {
    ssize_t size = ::read(fd, buffer, sizeof buffer);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return fail_errno(fmt::format("reading '{}'", path.string()));
    if (size == 0) return text;
    text.append(buffer, static_cast<std::size_t>(size));
    if (text.size() > kMaxFileBytes) return fail(ErrorCode::kRefused, "'{}' is too large", path.string());
  }
}

Result<> write_all(int fd, std::string_view text, const std::filesystem::path& path) {
  while (!text.empty()) {
    ssize_t size = ::write(fd, text.data(), text.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return fail_errno(fmt::format("writing '{}'", path.string()));
    text.remove_prefix(static_cast<std::size_t>(size));
  }
  if (::fsync(fd) != 0) return fail_errno(fmt::format("writing '{}'", path.string()));
  return {};
}

}  // namespace

Result<std::string> hash_password(const std::string& password) {
  TS_TRY_ASSIGN(auto setting, dummy_setting());
  return hash_with(password, setting);
}

Result<bool> AccountFile::verify(const std::string& user, const std::string& password) const {
  TS_TRY_ASSIGN(auto entries, read());
  auto entry = std::find_if(entries.begin(), entries.end(), [&](const Entry& e) { return e.user == user; });
  if (entry == entries.end()) {
    TS_TRY_ASSIGN(auto setting, dummy_setting());
    TS_TRY(hash_with(password, setting));
    return false;
  }
  // A hash that is none (for example "!") fits no password.
  return matches_hash(password, entry->hash).value_or(false);
}

Result<bool> matches_hash(const std::string& password, const std::string& hash) {
  TS_TRY_ASSIGN(auto own, hash_with(password, hash));
  return equal(own, hash);
}

Result<> AccountFile::set_password(const std::string& user, const std::string& password) const {
  TS_TRY(check_user_name(user));
  if (password.empty()) return fail(ErrorCode::kRefused, "an empty password is not accepted");
  TS_TRY_ASSIGN(auto hash, hash_password(password));
  return change([&](std::vector<Entry>& entries) -> Result<> {
    auto entry = std::find_if(entries.begin(), entries.end(), [&](const Entry& e) { return e.user == user; });
    if (entry != entries.end()) {
      entry->hash = hash;
    } else {
      entries.push_back({user, hash});
    }
    return {};
  });
}

Result<> AccountFile::remove(const std::string& user) const {
  return change([&](std::vector<Entry>& entries) -> Result<> {
    auto count = std::erase_if(entries, [&](const Entry& e) { return e.user == user; });
    if (count == 0) return fail(ErrorCode::kNotFound, "no user '{}' in '{}'", user, path_.string());
    return {};
  });
}

Result<std::vector<std::string>> AccountFile::users() const {
  TS_TRY_ASSIGN(auto entries, read());
  std::vector<std::string> out;
  for (auto& entry : entries) out.push_back(entry.user);
  return out;
}

Result<std::vector<AccountFile::Entry>> AccountFile::read() const {
  std::vector<Entry> entries;
  UniqueFd fd(::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!fd && (errno == ENOENT || errno == ENOTDIR)) return entries;
  if (!fd) return fail_errno(fmt::format("opening '{}'", path_.string()));
  TS_TRY(check_ownership(fd.get(), path_));
  TS_TRY_ASSIGN(auto text, read_all(fd.get(), path_));
  std::string_view left = text;
  while (!left.empty()) {
    auto end = left.find('\n');
    auto line = left.substr(0, end);
    left = end == std::string_view::npos ? std::string_view() : left.substr(end + 1);
    auto colon = line.find(':');
    if (line.empty() || line[0] == '#' || colon == std::string_view::npos || colon == 0) continue;
    entries.push_back({std::string(line.substr(0, colon)), std::string(line.substr(colon + 1))});
  }
  return entries;
}

Result<> AccountFile::change(const std::function<Result<>(std::vector<Entry>&)>& edit) const {
  auto folder = path_.parent_path();
  std::error_code error;
  bool made = std::filesystem::create_directories(folder, error);
  if (error) return fail_errno(fmt::format("making the folder '{}'", folder.string()), error.value());
  if (made && ::chmod(folder.c_str(), 0700) != 0)
    return fail_errno(fmt::format("chmod '{}'", folder.string()));

  // The folder is the lock: the file itself is replaced.
  UniqueFd lock(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!lock || ::flock(lock.get(), LOCK_EX) != 0)
    return fail_errno(fmt::format("locking '{}'", folder.string()));
  TS_TRY_ASSIGN(auto entries, read());
  TS_TRY(edit(entries));

  std::string text;
  for (auto& entry : entries) text += entry.user + ":" + entry.hash + "\n";
  auto temporary = path_;
  temporary += ".new";
  ::unlink(temporary.c_str());  // of a writer that died
  UniqueFd fd(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!fd) return fail_errno(fmt::format("making '{}'", temporary.string()));
  TS_TRY(write_all(fd.get(), text, temporary));
  if (::rename(temporary.c_str(), path_.c_str()) != 0) {
    return fail_errno(fmt::format("replacing '{}'", path_.string()));
  }
  return {};
}

}  // namespace ts::account
