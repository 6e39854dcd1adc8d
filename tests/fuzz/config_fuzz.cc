// What lib/config reads: a configuration file (first byte 0), the value of a --set (1).
#include <cstdint>
#include <cstdlib>

#include "lib/config/defaults.h"
#include "lib/config/document.h"
#include "lib/config/load.h"

namespace {

using namespace ts::config;

void require(bool holds) {
  if (!holds) std::abort();
}

/// What is taken can be written down as a file that says the same.
void written_is_read(const Config& config) {
  const std::string text = dump(config);
  Config again = defaults();
  Findings findings;
  read_document(text, "dump", again, findings);
  require(findings.errors.empty() && dump(again) == text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string rest(reinterpret_cast<const char*>(data + 1), size - 1);
  Config config = defaults();
  Findings findings;
  if (data[0] == 0) read_document(rest, "fuzz.yaml", config, findings);
  if (data[0] == 1) read_setting(rest, config, findings);
  for (const auto& error : findings.errors) require(!error.text.empty() && !error.place.text().empty());
  if (findings.errors.empty()) written_is_read(config);
  return 0;
}
