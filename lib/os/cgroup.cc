#include "lib/os/cgroup.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <sstream>
#include <string_view>

#include "lib/base/unique_fd.h"

namespace ts::os {
namespace {

namespace fs = std::filesystem;

/// Where the parent of all sessions is when its own group hands controllers on; what it starts is there, too.
constexpr std::string_view kService = "ts/service";

bool write_file(const fs::path& path, std::string_view text) {
  UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  return fd && ::write(fd.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
}

bool give_on(const fs::path& group, const std::string& controller) {
  return write_file(group / "cgroup.subtree_control", "+" + controller);
}

/// We may be all that is in the group, which hands on nothing that way ([cgroup-v2] No Internal Process
/// Constraint).
bool give_on_without_us(const fs::path& group, const std::string& controller) {
  const auto service = group / kService;
  if (::mkdir(service.c_str(), 0755) != 0 && errno != EEXIST) return false;
  const auto us = std::to_string(::getpid());
  if (write_file(service / "cgroup.procs", us) && give_on(group, controller)) return true;
  write_file(group / "cgroup.procs", us);
  ::rmdir(service.c_str());
  return false;
}

/// The mount point of cgroup2: in /proc/self/mountinfo the fifth word is where, and after " - " comes the
/// type.
std::optional<fs::path> mount_point() {
  std::ifstream in("/proc/self/mountinfo");
  for (std::string line; std::getline(in, line);) {
    auto dash = line.find(" - ");
    if (dash == std::string::npos || line.compare(dash + 3, 8, "cgroup2 ") != 0) continue;
    std::istringstream words(line);
    std::string id, parent, device, root, where;
    words >> id >> parent >> device >> root >> where;
    if (!where.empty()) return fs::path(where);
  }
  return std::nullopt;
}

/// A process's group below the mount: the line "0::/path" of /proc/PID/cgroup.
std::string group_of(const std::string& process) {
  std::ifstream in("/proc/" + process + "/cgroup");
  for (std::string line; std::getline(in, line);) {
    if (line.compare(0, 4, "0::/") == 0) return line.substr(4);
  }
  return {};
}

/// Folders under which ours may be, the better first.
std::vector<fs::path> parents() {
  std::vector<fs::path> out;
  auto mount = mount_point();
  if (!mount) return out;
  // The host of session 3 is itself in .../ts/session-3 once it has moved there, or with its parent in
  // .../ts/service: groups are siblings, not nested.
  std::string own = group_of("self");
  if (own.ends_with("/" + std::string(kService))) own.resize(own.size() - kService.size());
  if (auto at = own.find("ts/session-"); at == 0 || (at != std::string::npos && own[at - 1] == '/'))
    own.resize(at);
  if (!own.empty()) out.push_back((*mount / own).lexically_normal());
  out.push_back(*mount);
  return out;
}

}  // namespace

std::optional<Cgroup> Cgroup::create(const std::string& name) {
  for (auto& parent : parents()) {
    auto folder = parent / "ts" / name;
    if (::mkdir((parent / "ts").c_str(), 0755) != 0 && errno != EEXIST) continue;
    if (::mkdir(folder.c_str(), 0755) != 0 && errno != EEXIST) continue;
    if (::access((folder / "cgroup.procs").c_str(), W_OK) == 0) return Cgroup(folder);
    ::rmdir(folder.c_str());
  }
  return std::nullopt;
}

std::vector<std::string> Cgroup::hand_on(const std::vector<std::string>& controllers) {
  // Where create() makes its groups, found as it finds it.
  auto trial = create("trial-" + std::to_string(::getpid()));
  if (!trial) return controllers;
  ::rmdir(trial->folder().c_str());
  const auto ours = trial->folder().parent_path(), above = ours.parent_path();
  std::vector<std::string> missing;
  for (const auto& controller : controllers) {
    const bool handed =
        give_on(above, controller) || (errno == EBUSY && give_on_without_us(above, controller));
    if (!handed || !give_on(ours, controller)) missing.push_back(controller);
  }
  return missing;
}

std::optional<Cgroup> Cgroup::find(const std::string& name) {
  for (auto& parent : parents()) {
    auto folder = parent / "ts" / name;
    if (::access((folder / "cgroup.procs").c_str(), W_OK) == 0) return Cgroup(folder);
  }
  return std::nullopt;
}

std::optional<Cgroup> Cgroup::of_logon(pid_t pid, pid_t host) {
  std::string group = group_of(std::to_string(pid));
  std::string name = fs::path(group).filename();
  if (!name.starts_with("session-") || !name.ends_with(".scope")) return std::nullopt;
  const std::string own = group_of(host == 0 ? "self" : std::to_string(host));
  if ((own + "/").starts_with(group + "/")) return std::nullopt;
  auto mount = mount_point();
  if (!mount) return std::nullopt;
  auto folder = *mount / group;
  if (::access((folder / "cgroup.procs").c_str(), W_OK) != 0) return std::nullopt;
  return Cgroup(folder);
}

Result<> Cgroup::add(pid_t pid) const {
  if (!write_file(folder_ / "cgroup.procs", std::to_string(pid))) {
    return fail_errno(fmt::format("moving process {} to '{}'", pid, folder_.string()));
  }
  return {};
}

bool Cgroup::set(const std::string& file, const std::string& value) const {
  return write_file(folder_ / file, value);
}

std::string Cgroup::get(const std::string& file) const {
  std::ifstream in(folder_ / file);
  std::string line;
  std::getline(in, line);
  return line;
}

std::vector<pid_t> Cgroup::processes() const {
  std::vector<pid_t> out;
  std::error_code error;
  auto read = [&](const fs::path& folder) {
    std::ifstream in(folder / "cgroup.procs");
    for (pid_t pid = 0; in >> pid;) out.push_back(pid);
  };
  read(folder_);
  for (fs::recursive_directory_iterator at(folder_, error), end; !error && at != end; at.increment(error)) {
    if (at->is_directory(error)) read(at->path());
  }
  return out;
}

std::optional<Cgroup> Cgroup::inner(const std::string& name) const {
  auto folder = folder_ / name;
  if (::mkdir(folder.c_str(), 0755) != 0 && errno != EEXIST) return std::nullopt;
  return Cgroup(folder);
}

bool Cgroup::kill() const {
  return write_file(folder_ / "cgroup.kill", "1");
}

void Cgroup::remove() const {
  std::vector<fs::path> folders{folder_};
  std::error_code error;
  for (fs::recursive_directory_iterator at(folder_, error), end; !error && at != end; at.increment(error)) {
    if (at->is_directory(error)) folders.push_back(at->path());
  }
  for (auto folder = folders.rbegin(); folder != folders.rend(); ++folder) ::rmdir(folder->c_str());
  ::rmdir(folder_.parent_path().c_str());  // ts/, when this was the last
}

std::optional<OwnGroup> own_group() {
  auto mount = mount_point();
  if (!mount) return std::nullopt;
  return OwnGroup{(*mount / group_of("self")).lexically_normal(), *mount};
}

}  // namespace ts::os
