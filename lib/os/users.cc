#include "lib/os/users.h"

#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include <cerrno>

namespace ts::os {
namespace {

constexpr std::size_t kMaxEntryBytes = 1 << 20;

/// Calls a get..._r function with a growing buffer.
template <typename Entry, typename Lookup>
int look_up(Entry& entry, std::vector<char>& buffer, Entry*& found, Lookup lookup) {
  buffer.resize(4096);
  for (;;) {
    int error = lookup(&entry, buffer.data(), buffer.size(), &found);
    if (error == EINTR) continue;
    if (error != ERANGE || buffer.size() >= kMaxEntryBytes) return error;
    buffer.resize(buffer.size() * 2);
  }
}

User user_from(const passwd& entry) {
  return User{entry.pw_name, entry.pw_uid, entry.pw_gid, entry.pw_dir, entry.pw_shell};
}

template <typename Lookup>
Result<User> find_user(const std::string& label, Lookup lookup) {
  passwd entry{};
  passwd* found = nullptr;
  std::vector<char> buffer;
  int error = look_up(entry, buffer, found, lookup);
  if (found) return user_from(*found);
  if (error == 0 || error == ENOENT || error == ESRCH) {
    return fail(ErrorCode::kNotFound, "no user '{}' on this system", label);
  }
  return fail_errno(fmt::format("looking up the user '{}'", label), error);
}

}  // namespace

Result<User> user_by_name(const std::string& name) {
  return find_user(name, [&](passwd* entry, char* buffer, std::size_t size, passwd** found) {
    return ::getpwnam_r(name.c_str(), entry, buffer, size, found);
  });
}

Result<User> user_by_uid(uid_t uid) {
  return find_user(std::to_string(uid), [&](passwd* entry, char* buffer, std::size_t size, passwd** found) {
    return ::getpwuid_r(uid, entry, buffer, size, found);
  });
}

Result<gid_t> group_by_name(const std::string& name) {
  group entry{};
  group* found = nullptr;
  std::vector<char> buffer;
  int error = look_up(entry, buffer, found, [&](group* out, char* data, std::size_t size, group** result) {
    return ::getgrnam_r(name.c_str(), out, data, size, result);
  });
  if (found) return found->gr_gid;
  if (error == 0 || error == ENOENT || error == ESRCH) {
    return fail(ErrorCode::kNotFound, "no group '{}' on this system", name);
  }
  return fail_errno(fmt::format("looking up the group '{}'", name), error);
}

std::vector<gid_t> groups_of(const User& user) {
  std::vector<gid_t> groups(64);
  int count = static_cast<int>(groups.size());
  if (::getgrouplist(user.name.c_str(), user.gid, groups.data(), &count) < 0) {
    groups.resize(static_cast<std::size_t>(count));
    if (::getgrouplist(user.name.c_str(), user.gid, groups.data(), &count) < 0) return {user.gid};
  }
  groups.resize(static_cast<std::size_t>(count));
  return groups;
}

Identity identity_of(const User& user) {
  return Identity{user.uid, user.gid, groups_of(user)};
}

}  // namespace ts::os
