// Names of what `tsctl up` itself keeps in RUNTIME.
#pragma once

#include <filesystem>

namespace ts::tsctl {

/// The configuration as it was at the start: all roles, also those that are started again, run with the same
/// one.
inline std::filesystem::path config_snapshot(const std::filesystem::path& runtime) {
  return runtime / "up.yaml";
}

}  // namespace ts::tsctl
