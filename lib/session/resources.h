// What a session may use of the machine, and which of that the system really sees to.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace ts::session {

enum class Resource : std::uint32_t { kMemory, kCpuWeight, kTasks };
inline constexpr std::array<Resource, 3> kResources{Resource::kMemory, Resource::kCpuWeight,
                                                    Resource::kTasks};

/// Of the account that is logged on. Part of fixed messages.
struct Resources {
  std::uint64_t memory = 0;      // bytes; zero: any
  std::uint32_t cpu_weight = 0;  // 1..10000; zero: the system's own
  std::uint32_t tasks = 0;       // processes and threads; zero: any number
  std::uint32_t in_force = 0;    // bits, by Resource
  std::uint32_t reserved = 0;

  std::uint64_t of(Resource resource) const {
    return resource == Resource::kMemory ? memory : resource == Resource::kCpuWeight ? cpu_weight : tasks;
  }
  bool is_in_force(Resource resource) const {
    return (in_force >> static_cast<std::uint32_t>(resource) & 1U) != 0;
  }
  void set_in_force(Resource resource) { in_force |= 1U << static_cast<std::uint32_t>(resource); }
};

/// As the configuration calls it, below `limits`.
constexpr std::string_view resource_name(Resource resource) {
  switch (resource) {
    case Resource::kMemory:
      return "memory";
    case Resource::kCpuWeight:
      return "cpu_weight";
    case Resource::kTasks:
      return "tasks";
  }
  return "";
}

}  // namespace ts::session
