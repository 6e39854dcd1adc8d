#include "lib/account/account_name.h"

#include <algorithm>

namespace ts::account {
namespace {

bool is_member(const os::User& user, const std::string& group) {
  auto gid = os::group_by_name(group);
  if (!gid) return false;
  auto groups = os::groups_of(user);
  return std::find(groups.begin(), groups.end(), *gid) != groups.end();
}

}  // namespace

bool is_named(const std::vector<std::string>& names, const os::User& user) {
  return std::any_of(names.begin(), names.end(), [&](const std::string& name) {
    return name.starts_with('@') ? is_member(user, name.substr(1)) : name == user.name;
  });
}

}  // namespace ts::account
