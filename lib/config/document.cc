#include "lib/config/document.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <set>
#include <sstream>

#include "lib/base/log.h"
#include "lib/base/nearest.h"
#include "lib/config/keys.h"

namespace ts::config {
namespace {

constexpr std::size_t kMostErrors = 100;

bool is_section(const std::string& path) {
  return std::any_of(keys().begin(), keys().end(),
                     [&](const Key& key) { return key.path.starts_with(path + "."); });
}

const Key* find_key(const std::string& path) {
  auto found = std::find_if(keys().begin(), keys().end(), [&](const Key& key) { return key.path == path; });
  return found == keys().end() ? nullptr : &*found;
}

/// The words that may stand below `section` ("" is the top): keys and sections.
std::vector<std::string> words_below(const std::string& section) {
  std::set<std::string> words;
  std::string prefix = section.empty() ? "" : section + ".";
  for (const auto& key : keys()) {
    if (!key.path.starts_with(prefix)) continue;
    auto rest = key.path.substr(prefix.size());
    words.insert(rest.substr(0, rest.find('.')));
  }
  return {words.begin(), words.end()};
}

std::string unknown_key(const std::string& section, const std::string& word) {
  std::string shown = log::escaped(word);
  if (auto near = nearest(word, words_below(section))) {
    return fmt::format("unknown key '{}', did you mean '{}'?", shown, *near);
  }
  for (const auto& key : keys()) {  // the right word in the wrong section
    if (split_key(key.path).second == word)
      return fmt::format("unknown key '{}', did you mean '{}'?", shown, key.path);
  }
  return fmt::format("unknown key '{}'; ts.yaml(5) lists the keys", shown);
}

class Walk {
 public:
  /// `fixed_place`: the source has no lines.
  Walk(std::string source, bool fixed_place, Config& config, Findings& findings)
      : source_(std::move(source)), fixed_place_(fixed_place), config_(config), findings_(findings) {}

  /// `path` is a key, a section or "" for the whole document.
  void read(const std::string& path, const YAML::Node& node, int line) {
    if (const Key* key = find_key(path)) return read_key(*key, node, line);
    if (node.IsNull()) return;  // a section whose keys are all commented out
    if (!node.IsMap()) return complain(line, not_a_map(path));
    std::set<std::string> seen;
    for (const auto& entry : node) read_entry(path, entry.first, entry.second, seen);
  }

  void complain(int line, std::string text) {
    if (findings_.errors.size() < kMostErrors) findings_.errors.push_back({place(line), std::move(text)});
  }

 private:
  Place place(int line) const { return {source_, fixed_place_ ? 0 : line}; }

  static std::string not_a_map(const std::string& path) {
    if (path.empty()) return "the configuration has to be a map of keys, such as 'sessions: {idle: 2}'";
    return fmt::format("{} has to be a map of keys, such as '{}: {{{}: ...}}'", path, path,
                       words_below(path).front());
  }

  void read_entry(const std::string& section, const YAML::Node& name, const YAML::Node& value,
                  std::set<std::string>& seen) {
    int line = name.Mark().line + 1;
    if (!name.IsScalar()) return complain(line, "a key has to be a word");
    const std::string& word = name.Scalar();
    std::string path = section.empty() ? word : section + "." + word;
    bool known = word.find('.') == std::string::npos && (find_key(path) || is_section(path));
    if (!known) return complain(line, unknown_key(section, word));
    if (!seen.insert(word).second) return complain(line, fmt::format("{} is there a second time", path));
    read(path, value, line);
  }

  void read_key(const Key& key, const YAML::Node& node, int line) {
    findings_.places[key.path] = place(line);
    for (const auto& complaint : key.read(node, config_)) {
      // A value that is missing has no line of its own.
      int at = node.IsNull() ? line : complaint.line;
      complain(at, fmt::format("{}: {}", key.path, complaint.text));
    }
  }

  std::string source_;
  bool fixed_place_;
  Config& config_;
  Findings& findings_;
};

/// The parser's words, made to fit into our sentence.
std::string syntax_error(const YAML::Exception& error) {
  return fmt::format("not valid YAML: {}", error.msg);
}

/// For a parser that is only asked how many documents there are.
class Nothing : public YAML::EventHandler {
  using Style = YAML::EmitterStyle::value;
  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
  void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t, const std::string&) override {}
  void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t, Style) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t, Style) override {}
  void OnMapEnd() override {}
};

/// Not by YAML::LoadAll (0.7): before a comma it finds documents without end, and keeps them all.
bool has_second_document(const std::string& text) {
  std::istringstream stream(text);
  YAML::Parser parser(stream);
  Nothing nothing;
  return parser.HandleNextDocument(nothing) && parser.HandleNextDocument(nothing);
}

}  // namespace

void read_document(const std::string& text, const std::string& name, Config& config, Findings& findings) {
  Walk walk(name, false, config, findings);
  try {
    if (has_second_document(text))
      return walk.complain(1, "there is more than one YAML document in this file");
    const YAML::Node document = YAML::Load(text);
    walk.read("", document, document.Mark().line + 1);
  } catch (const YAML::Exception& error) {
    walk.complain(std::max(error.mark.line, 0) + 1, syntax_error(error));
  }
}

void read_setting(const std::string& setting, Config& config, Findings& findings) {
  Walk walk("--set " + log::escaped(setting), true, config, findings);
  auto equals = setting.find('=');
  if (equals == std::string::npos || equals == 0) {
    return walk.complain(0, "has to be KEY.PATH=VALUE, such as sessions.idle=2");
  }
  std::string path = setting.substr(0, equals);
  if (!find_key(path) && !is_section(path)) {
    auto [section, word] = split_key(path);
    bool section_known = section.empty() || is_section(section);
    return walk.complain(
        0, section_known ? unknown_key(section, word) : unknown_key("", path.substr(0, path.find('.'))));
  }
  try {
    std::string text = setting.substr(equals + 1);
    if (has_second_document(text)) return walk.complain(0, "the value is more than one YAML document");
    walk.read(path, YAML::Load(text), 0);
  } catch (const YAML::Exception& error) {
    walk.complain(0, syntax_error(error));
  }
}

}  // namespace ts::config
