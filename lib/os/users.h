// Accounts as the system's user database (NSS) knows them. May block (LDAP, SSSD): the daemons ask only when
// a user logs on or a caller wants to be an administrator.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

#include "lib/base/result.h"
#include "lib/os/spawn.h"

namespace ts::os {

struct User {
  std::string name;  // the account's own spelling
  uid_t uid = 0;
  gid_t gid = 0;
  std::filesystem::path home;
  std::string shell;
};

/// kNotFound when there is no such account.
Result<User> user_by_name(const std::string& name);
Result<User> user_by_uid(uid_t uid);
Result<gid_t> group_by_name(const std::string& name);

/// All groups, the primary one included.
std::vector<gid_t> groups_of(const User& user);

/// What spawn() needs to start a process as this user.
Identity identity_of(const User& user);

}  // namespace ts::os
