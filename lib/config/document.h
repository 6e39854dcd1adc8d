// One YAML document, or the value of one --set, read into a Config. All that is wrong is collected, not only
// the first thing. Aliases are followed as they are, never copied, and nothing below an unknown key is
// visited, so a file that is small on disk stays small in memory.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "lib/config/config.h"

namespace ts::config {

/// Where something stands: "ts.yaml:7", or "--set sessions.idle=x" with line 0.
struct Place {
  std::string source;
  int line = 0;
  std::string text() const { return line > 0 ? fmt::format("{}:{}", source, line) : source; }
};

struct PlacedError {
  Place place;
  std::string text;
};

/// What reading has found so far, over all sources.
struct Findings {
  std::vector<PlacedError> errors;
  std::map<std::string, Place> places;  // of each key that was given, the last one
};

/// Reads the text of a whole file, which is called `name` in messages.
void read_document(const std::string& text, const std::string& name, Config& config, Findings& findings);

/// Reads KEY.PATH=YAML.
void read_setting(const std::string& setting, Config& config, Findings& findings);

}  // namespace ts::config
