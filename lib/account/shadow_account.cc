#include "lib/account/shadow_account.h"

#include <shadow.h>

#include <array>
#include <chrono>

#include "lib/account/account_file.h"
#include "lib/base/random.h"

namespace ts::account {
namespace {

using session::Notice;

struct Shadow {
  std::string hash;
  long expires = -1;  // in days since 1970; -1: never
};

std::optional<Shadow> shadow_of(const std::string& user) {
  spwd entry{};
  spwd* found = nullptr;
  std::array<char, 16 * 1024> buffer{};
  std::optional<Shadow> out;
  if (::getspnam_r(user.c_str(), &entry, buffer.data(), buffer.size(), &found) == 0 && found)
    out = Shadow{entry.sp_pwdp, entry.sp_expire};
  wipe(buffer.data(), buffer.size());
  return out;
}

/// The password behind the lock that was put on it.
std::optional<std::string> locked_hash(const std::string& user) {
  auto shadow = shadow_of(user);
  // What usermod(8) puts in front is no letter of any hash.
  auto hash = shadow ? shadow->hash.find_first_not_of('!') : std::string::npos;
  if (hash == 0 || hash == std::string::npos) return std::nullopt;
  return shadow->hash.substr(hash);
}

}  // namespace

std::optional<Notice> expired_account(const std::string& user) {
  auto today = std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now()).time_since_epoch();
  auto shadow = shadow_of(user);
  if (!shadow || shadow->expires < 0 || today.count() < shadow->expires) return std::nullopt;
  return Notice::kAccountExpired;
}

std::optional<Notice> locked_account(const std::string& user, const std::string& password) {
  auto hash = locked_hash(user);
  if (!hash || !matches_hash(password, *hash).value_or(false)) return std::nullopt;
  return Notice::kAccountLocked;
}

std::optional<Notice> locked_account(const std::string& user) {
  return locked_hash(user) ? std::optional(Notice::kAccountLocked) : std::nullopt;
}

}  // namespace ts::account
