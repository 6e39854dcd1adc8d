#include "cmd/tshost/session_resources.h"

#include <unistd.h>

namespace ts::host {
namespace {

using session::Resource;
using session::Resources;

/// [cgroup-v2] Interface Files.
const char* file_of(Resource resource) {
  switch (resource) {
    case Resource::kMemory:
      return "memory.max";
    case Resource::kCpuWeight:
      return "cpu.weight";
    case Resource::kTasks:
      return "pids.max";
  }
  return "";
}

/// What a group has that is not limited.
const char* unlimited(Resource resource) {
  return resource == Resource::kCpuWeight ? "100" : "max";
}

/// As the kernel shows it, which counts memory in pages.
std::string shown(Resource resource, std::uint64_t value) {
  const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  return std::to_string(resource == Resource::kMemory ? value / page * page : value);
}

}  // namespace

Resources limit(const std::optional<os::Cgroup>& group, Resources wanted) {
  wanted.in_force = 0;
  if (!group) return wanted;
  for (auto resource : session::kResources) {
    const auto value = wanted.of(resource);
    // Somebody else's may be there, who had tried to log on before.
    const bool set = group->set(file_of(resource), value == 0 ? unlimited(resource) : std::to_string(value));
    if (set && value != 0) wanted.set_in_force(resource);
  }
  return wanted;
}

Resources limited(const os::Cgroup& group, Resources wanted) {
  wanted.in_force = 0;
  for (auto resource : session::kResources) {
    const auto value = wanted.of(resource);
    if (value != 0 && group.get(file_of(resource)) == shown(resource, value)) wanted.set_in_force(resource);
  }
  return wanted;
}

}  // namespace ts::host
