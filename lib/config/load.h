// Reads the configuration: defaults, then the file, then --set values, then --state and --runtime.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "lib/base/result.h"
#include "lib/config/config.h"

namespace ts::config {

/// What every program takes on its command line.
struct Sources {
  std::filesystem::path file;    // --config, else TS_CONFIG, else /etc/ts/ts.yaml if that exists; empty: none
  bool file_required = false;    // named by --config or TS_CONFIG: then it has to be readable
  std::vector<std::string> set;  // --set KEY.PATH=YAML; lists replace
  std::optional<std::filesystem::path> state;    // --state
  std::optional<std::filesystem::path> runtime;  // --runtime
};

/// All errors at once, one a line: `FILE:LINE: unknown key 'idel', did you mean 'idle'?`; for --set the place
/// is
/// `--set KEY.PATH=VALUE`.
struct LoadErrors {
  std::vector<std::string> lines;
};

tl::expected<Config, LoadErrors> load(const Sources& sources);

/// The whole configuration as YAML, defaults included, ready to be a file.
std::string dump(const Config& config);

}  // namespace ts::config
