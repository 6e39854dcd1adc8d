#include "lib/config/defaults.h"

#include <pwd.h>
#include <unistd.h>

#include <cstdlib>
#include <vector>

namespace ts::config {
namespace {

std::filesystem::path home_of(uid_t uid, const Environment& environment) {
  if (auto home = environment("HOME"); !home.empty() && home[0] == '/') return home;
  passwd entry{};
  passwd* found = nullptr;
  std::vector<char> buffer(16 * 1024);
  if (getpwuid_r(uid, &entry, buffer.data(), buffer.size(), &found) == 0 && found) return found->pw_dir;
  return fmt::format("/tmp/ts-state-{}", uid);
}

/// XDG says that a relative value is to be ignored.
std::filesystem::path xdg_folder(const Environment& environment, const char* name) {
  auto value = environment(name);
  return !value.empty() && value[0] == '/' ? value : "";
}

}  // namespace

Layout system_layout() {
  return {"/var/lib/ts", "/run/ts"};
}

Config defaults_for(uid_t uid, const Environment& environment) {
  Config config;
  // The service's own users are below Debian's FIRST_UID and have no folders of their own.
  constexpr uid_t kFirstOrdinaryUid = 1000;
  if (uid < kFirstOrdinaryUid) {
    config.layout = system_layout();
    config.accounts.backend = AccountBackend::kPam;
    return config;
  }
  auto state = xdg_folder(environment, "XDG_STATE_HOME");
  auto runtime = xdg_folder(environment, "XDG_RUNTIME_DIR");
  config.layout.state = (state.empty() ? home_of(uid, environment) / ".local" / "state" : state) / "ts";
  config.layout.runtime =
      runtime.empty() ? std::filesystem::path(fmt::format("/tmp/ts-{}", uid)) : runtime / "ts";
  config.accounts.backend = AccountBackend::kFile;
  return config;
}

Config defaults() {
  return defaults_for(geteuid(), [](const char* name) {
    const char* value = std::getenv(name);
    return std::string(value ? value : "");
  });
}

}  // namespace ts::config
