// The table of all configuration keys. One line in keys.cc makes a key: what it is called, which field it
// fills, what values it takes, and the sentence that ts.yaml(5) and the sample file have for it.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "lib/config/config.h"

namespace YAML {
class Node;
}

namespace ts::config {

/// Why a value is refused; the key's path is put in front by whoever knows where it stands.
struct Complaint {
  int line = 0;  // 1-based line in its document
  std::string text;
};

struct Key {
  std::string path;  // "sessions.idle"
  std::string help;
  std::function<std::vector<Complaint>(const YAML::Node&, Config&)> read;
  std::function<std::string(const Config&)> print;  // the value as YAML on one line
};

std::span<const Key> keys();

/// Cut at its last dot: "sessions" and "idle"; the first is empty for a key at the top.
std::pair<std::string, std::string> split_key(const std::string& path);

}  // namespace ts::config
