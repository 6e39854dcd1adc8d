#include "lib/os/memory.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "lib/os/cgroup.h"

namespace ts::os {
namespace {

namespace fs = std::filesystem;

std::string content_of(const fs::path& path) {
  std::ifstream in(path);
  std::ostringstream out;
  out << in.rdbuf();
  return std::move(out).str();
}

std::optional<std::uint64_t> number_at(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
  std::uint64_t value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end == text.data()) return std::nullopt;
  return value;
}

/// What comes after `name` at the beginning of a line.
std::optional<std::uint64_t> value_of(std::string_view text, std::string_view name) {
  for (std::size_t at = 0; at < text.size();) {
    auto line = text.substr(at, text.find('\n', at) - at);
    if (line.starts_with(name)) return number_at(line.substr(name.size()));
    at += line.size() + 1;
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::uint64_t> memory_available_in(std::string_view text) {
  auto kibibytes = value_of(text, "MemAvailable:");
  if (!kibibytes) return std::nullopt;
  return *kibibytes * 1024;
}

std::optional<std::uint64_t> memory_left_in_group(std::string_view max, std::string_view current,
                                                  std::string_view stat) {
  auto limit = number_at(max);  // "max": none
  auto used = number_at(current);
  if (!limit || !used) return std::nullopt;
  *used -= std::min(*used, value_of(stat, "inactive_file ").value_or(0));
  return *limit - std::min(*limit, *used);
}

std::optional<std::uint64_t> available_memory() {
  auto available = memory_available_in(content_of("/proc/meminfo"));
  const auto own = own_group();
  if (!own) return available;
  for (fs::path folder = own->folder; folder.native().size() >= own->mount.native().size();
       folder = folder.parent_path()) {
    auto left = memory_left_in_group(content_of(folder / "memory.max"), content_of(folder / "memory.current"),
                                     content_of(folder / "memory.stat"));
    if (left) available = std::min(available.value_or(*left), *left);
    if (folder == folder.parent_path()) break;
  }
  return available;
}

}  // namespace ts::os
