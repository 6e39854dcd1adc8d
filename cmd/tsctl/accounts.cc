#include "cmd/tsctl/accounts.h"

#include <pwd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <optional>
#include <vector>

#include "cmd/tsctl/roles.h"
#include "lib/base/log.h"
#include "lib/os/spawn.h"
#include "lib/os/users.h"

namespace ts::tsctl {
namespace {

// login.defs(5) of Debian: UID_MIN and UID_MAX.
constexpr uid_t kFirstOrdinaryUid = 1000;
constexpr uid_t kLastOrdinaryUid = 59999;
constexpr const char* kMadeUser = "tsuser";

/// Runs a program of the package passwd to its end; its words go to our standard error.
Result<> run_tool(const std::string& program, std::vector<std::string> arguments) {
  os::Spawn what;
  what.program = program;
  what.arguments = std::move(arguments);
  what.environment = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8"};
  what.fds = {{STDERR_FILENO, STDOUT_FILENO}};
  auto pid = os::spawn(what);
  if (!pid) return pass(pid.error(), "the package passwd is needed to make system users");
  int status = 0;
  while (::waitpid(*pid, &status, 0) < 0) {
    if (errno != EINTR) return fail_errno("waitpid");
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
  return fail(ErrorCode::kSystem, "'{}' failed", program);
}

/// Another instance may make the same account at the same time: what counts is that it is there afterwards.
template <typename Exists>
Result<> ensure(std::string_view name, Exists exists, const std::string& program,
                std::vector<std::string> arguments) {
  if (exists(std::string(name))) return {};
  arguments.push_back(std::string(name));
  auto made = run_tool(program, std::move(arguments));
  if (!exists(std::string(name))) {
    return made ? Result<>(fail(ErrorCode::kSystem, "'{}' did not make '{}'", program, name)) : made;
  }
  log::info("Made the account '{}'", name);
  return {};
}

bool user_exists(const std::string& name) {
  return os::user_by_name(name).has_value();
}
bool group_exists(const std::string& name) {
  return os::group_by_name(name).has_value();
}

bool is_folder(const char* path) {
  std::error_code error;
  return std::filesystem::is_directory(path, error);
}

bool can_log_on(const passwd& entry) {
  std::string shell = entry.pw_shell;
  bool locked_out = shell.ends_with("/nologin") || shell.ends_with("/false");
  return entry.pw_uid >= kFirstOrdinaryUid && entry.pw_uid <= kLastOrdinaryUid && !locked_out &&
         is_folder(entry.pw_dir);
}

std::optional<std::string> first_ordinary_user() {
  std::optional<std::string> first;
  uid_t lowest = kLastOrdinaryUid + 1;
  ::setpwent();
  while (const passwd* entry = ::getpwent()) {
    if (!can_log_on(*entry) || entry->pw_uid >= lowest) continue;
    lowest = entry->pw_uid;
    first = entry->pw_name;
  }
  ::endpwent();
  return first;
}

}  // namespace

Result<> prepare_system_accounts() {
  TS_TRY(ensure(kAdminGroup, group_exists, "/usr/sbin/groupadd", {"--system"}));
  for (auto user : kSystemUsers) {
    TS_TRY(ensure(user, user_exists, "/usr/sbin/useradd",
                  {"--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent", "--shell",
                   "/usr/sbin/nologin"}));
  }
  return {};
}

Result<std::string> first_user() {
  if (::getuid() != 0) {
    TS_TRY_ASSIGN(auto self, os::user_by_uid(::getuid()));
    return self.name;
  }
  const char* caller = std::getenv("SUDO_USER");
  if (caller && *caller && std::string_view(caller) != "root") {
    auto user = os::user_by_name(caller);
    if (user && user->uid != 0) return user->name;
  }
  if (auto ordinary = first_ordinary_user()) return *ordinary;
  TS_TRY(ensure(kMadeUser, user_exists, "/usr/sbin/useradd",
                {"--create-home", "--user-group", "--shell", "/bin/bash"}));
  return std::string(kMadeUser);
}

}  // namespace ts::tsctl
