// The file of accounts: lines `user:yescrypt-hash` (libxcrypt), used by the file back end
// (STATE/accounts/passwd, kept with `tsctl passwd`) and for the password that `tsctl up` prints
// (RUNTIME/up.passwd).
//
// The file is 0600, in a folder of mode 0700, and replaced as a whole (temporary file, rename) under a lock,
// so readers see the old or the new one. A file that others may read or that belongs to somebody else is
// refused. Hashing takes some 50 ms on purpose: not for an event loop that serves others.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.h"

namespace ts::account {

class AccountFile {
 public:
  explicit AccountFile(std::filesystem::path path) : path_(std::move(path)) {}

  /// Is this the user's password? An unknown user (also: no file) costs the same work as a wrong password.
  [[nodiscard]] Result<bool> verify(const std::string& user, const std::string& password) const;

  /// Adds the user or replaces the password; makes file and folder when missing.
  [[nodiscard]] Result<> set_password(const std::string& user, const std::string& password) const;
  /// kNotFound when the user is not in the file.
  [[nodiscard]] Result<> remove(const std::string& user) const;
  /// Names in the file's order; empty when there is no file.
  [[nodiscard]] Result<std::vector<std::string>> users() const;

  const std::filesystem::path& path() const { return path_; }

 private:
  struct Entry {
    std::string user;
    std::string hash;
  };
  Result<std::vector<Entry>> read() const;
  Result<> change(const std::function<Result<>(std::vector<Entry>&)>& edit) const;

  std::filesystem::path path_;
};

/// Whether the password has this hash (any method of crypt(5)). Wipes what it computes, not the password.
[[nodiscard]] Result<bool> matches_hash(const std::string& password, const std::string& hash);

/// A new yescrypt hash with a random salt.
[[nodiscard]] Result<std::string> hash_password(const std::string& password);

}  // namespace ts::account
