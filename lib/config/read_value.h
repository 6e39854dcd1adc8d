// Reads YAML values into fields, as kinds of value (values.h) want them: what is wrong is said with its line.
#pragma once

#include <yaml-cpp/yaml.h>

#include <string>
#include <vector>

#include "lib/base/log.h"
#include "lib/config/keys.h"
#include "lib/config/values.h"

namespace ts::config {

inline constexpr std::size_t kLongestList = 16;
inline constexpr std::size_t kLongestValue = 4096;  // PATH_MAX; a shell command is shorter, too

inline int line_of(const YAML::Node& node) {
  return node.Mark().line + 1;
}

template <typename T>
std::vector<Complaint> read_scalar(const YAML::Node& node, const Kind<T>& kind, T& out) {
  int line = line_of(node);
  if (node.IsNull()) return {{line, fmt::format("has no value; it takes {}", kind.wanted)}};
  if (!node.IsScalar()) {
    return {{line, fmt::format("a {} is not {}", node.IsMap() ? "map" : "list", kind.wanted)}};
  }
  if (node.Scalar().size() > kLongestValue)
    return {{line, fmt::format("is longer than {} bytes", kLongestValue)}};
  auto value = kind.parse(node.Scalar());
  if (!value) return {{line, fmt::format("'{}' is not {}", log::escaped(node.Scalar()), kind.wanted)}};
  out = *value;
  return {};
}

template <typename T>
std::vector<Complaint> read_list(const YAML::Node& node, const Kind<T>& kind, std::size_t least,
                                 std::vector<T>& out) {
  int line = line_of(node);
  if (node.IsScalar() && !kind.parse(node.Scalar())) {
    return {{line, fmt::format("'{}' is not a list, and what it lists has to be {}",
                               log::escaped(node.Scalar()), kind.wanted)}};
  }
  if (!node.IsSequence()) {
    return {{line, node.IsScalar()
                       ? fmt::format("'{0}' is not a list; write [\"{0}\"]", log::escaped(node.Scalar()))
                       : "has to be a list"}};
  }
  if (node.size() < least) return {{line, "the list is empty; it needs at least one value"}};
  if (node.size() > kLongestList) return {{line, fmt::format("has more than {} values", kLongestList)}};
  std::vector<Complaint> complaints;
  std::vector<T> values;
  for (const auto& element : node) {
    T value{};
    auto found = read_scalar(element, kind, value);
    complaints.insert(complaints.end(), found.begin(), found.end());
    values.push_back(std::move(value));
  }
  if (complaints.empty()) out = std::move(values);
  return complaints;
}

}  // namespace ts::config
