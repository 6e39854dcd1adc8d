#include "lib/config/load.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>

#include "lib/base/unique_fd.h"
#include "lib/config/checks.h"
#include "lib/config/defaults.h"
#include "lib/config/document.h"
#include "lib/config/keys.h"

namespace ts::config {
namespace {

constexpr std::size_t kLargestFile = 256 * 1024;

Result<std::string> read_file(const std::filesystem::path& path) {
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return fail_errno("cannot be read");
  std::string text;
  char buffer[16 * 1024];
  while (text.size() <= kLargestFile) {
    ssize_t got = ::read(fd.get(), buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail_errno("cannot be read");
    if (got == 0) return text;
    text.append(buffer, static_cast<std::size_t>(got));
  }
  return fail(ErrorCode::kConfig, "is larger than {} bytes", kLargestFile);
}

void read_config_file(const Sources& sources, Config& config, Findings& findings) {
  if (sources.file.empty()) return;
  auto text = read_file(sources.file);
  if (text) return read_document(*text, sources.file.string(), config, findings);
  if (text.error().error_number == ENOENT && !sources.file_required) return;
  findings.errors.push_back({{sources.file.string(), 0}, text.error().message});
}

/// The file's errors by line, then those of the command line in its own order.
LoadErrors listed(std::vector<PlacedError> errors) {
  auto key = [](const PlacedError& error) { return error.place.line > 0 ? error.place.line : 1 << 30; };
  std::stable_sort(errors.begin(), errors.end(),
                   [&](const auto& a, const auto& b) { return key(a) < key(b); });
  LoadErrors out;
  for (const auto& error : errors) out.lines.push_back(fmt::format("{}: {}", error.place.text(), error.text));
  return out;
}

void check_folder(const std::filesystem::path& path, const char* name, Findings& findings) {
  if (!path.empty()) return;
  auto found = findings.places.find(name);
  Place place = found == findings.places.end() ? Place{name, 0} : found->second;
  findings.errors.push_back({place, fmt::format("{}: may not be empty", name)});
}

}  // namespace

tl::expected<Config, LoadErrors> load(const Sources& sources) {
  Config config = defaults();
  Findings findings;
  read_config_file(sources, config, findings);
  for (const auto& setting : sources.set) read_setting(setting, config, findings);
  if (sources.state) config.layout.state = std::filesystem::absolute(*sources.state);
  if (sources.runtime) config.layout.runtime = std::filesystem::absolute(*sources.runtime);
  check_folder(config.layout.state, "state", findings);
  check_folder(config.layout.runtime, "runtime", findings);
  // Values that were refused are still at their defaults: comparing those would blame the wrong key.
  if (findings.errors.empty()) check_together(config, findings);
  if (!findings.errors.empty()) return tl::unexpected(listed(std::move(findings.errors)));
  return config;
}

std::string dump(const Config& config) {
  std::string out;
  std::string open_section;
  for (const auto& key : keys()) {
    auto [section, word] = split_key(key.path);
    if (section != open_section) out += section + ":\n";
    open_section = section;
    out += fmt::format("{}{}: {}\n", section.empty() ? "" : "  ", word, key.print(config));
  }
  return out;
}

}  // namespace ts::config
