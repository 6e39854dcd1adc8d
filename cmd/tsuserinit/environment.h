// The environment of a user's programs, made from scratch: what a Linux desktop expects, then what the
// account's PAM configuration asks for, as far as that does not contradict it.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "lib/os/users.h"

namespace ts::userinit {

struct EnvironmentInput {
  os::User user;
  int display = 0;
  std::filesystem::path xauthority;
  std::filesystem::path runtime_folder;
  bool own_tmp = false;  // /tmp is the session's own: what PAM's modules made in another is not there
  std::vector<std::string> marks;     // TS_SESSION_ID, TS_SESSION_KEY: "NAME=value"
  std::vector<std::string> from_pam;  // "NAME=value"
};

std::vector<std::string> make_environment(const EnvironmentInput& input);

/// A value that is asked for in "NAME=value" lines; empty when it is not there.
std::string value_of(const std::vector<std::string>& variables, const std::string& name);

/// LANG as /etc/default/locale or /etc/locale.conf has it, else C.UTF-8.
std::string system_language();

/// ENV_PATH of /etc/login.defs (for root ENV_SUPATH), else the usual folders.
std::string system_path(uid_t uid);

}  // namespace ts::userinit
