#include "lib/cli/help.h"

#include <algorithm>

namespace ts::cli {
namespace {

constexpr std::size_t kWidth = 79;   // one less than the terminal: some wrap early
constexpr std::size_t kHeight = 24;  // of the terminal

struct Row {
  std::string left;
  std::string right;
};

/// `text` in lines of kWidth at most, each after the first indented.
std::string wrapped(const std::string& text, std::size_t column, std::size_t indent) {
  std::string out;
  std::size_t at = 0;
  while (at < text.size()) {
    auto end = std::min(text.find(' ', at), text.size());
    std::string word = text.substr(at, end - at);
    bool first = at == 0;
    if (!first && column + 1 + word.size() > kWidth) {
      out += '\n' + std::string(indent, ' ');
      column = indent;
    } else if (!first) {
      out += ' ';
      ++column;
    }
    out += word;
    column += word.size();
    at = end + 1;
  }
  return out;
}

std::string table(const std::string& title, const std::vector<Row>& rows) {
  if (rows.empty()) return "";
  std::size_t widest = 0;
  for (const auto& row : rows) widest = std::max(widest, row.left.size());
  std::size_t column = 2 + widest + 2;
  std::string out = "\n" + title + ":\n";
  for (const auto& row : rows) {
    out += "  " + row.left + std::string(column - 2 - row.left.size(), ' ');
    out += wrapped(row.right, column, column) + "\n";
  }
  return out;
}

/// "-s, --server NAME" from "--server,-s" and "NAME": the short form first.
std::string option_label(const Option& option) {
  auto comma = option.name.find(',');
  std::string label = comma == std::string::npos
                          ? option.name
                          : option.name.substr(comma + 1) + ", " + option.name.substr(0, comma);
  return option.value.empty() ? label : label + " " + option.value;
}

std::string positional_labels(const Command& command) {
  std::string out;
  for (const auto& positional : command.positionals) {
    out += positional.required ? " " + positional.name : " [" + positional.name + "]";
  }
  return out;
}

void add_leaf_rows(const Command& command, const std::string& prefix, std::vector<Row>& rows) {
  for (const auto& child : command.commands) {
    std::string name = prefix + child.name;
    if (child.run) rows.push_back({name + positional_labels(child), child.summary});
    add_leaf_rows(child, name + " ", rows);
  }
}

/// The same in fewer rows: commands of commands are in the help of these.
void add_short_rows(const Command& command, std::vector<Row>& rows) {
  for (const auto& child : command.commands)
    rows.push_back({child.name + (child.run ? positional_labels(child) : " COMMAND"), child.summary});
}

std::vector<Row> option_rows(const std::vector<Option>& options) {
  std::vector<Row> rows;
  for (const auto& option : options) rows.push_back({option_label(option), option.help});
  return rows;
}

/// All in one paragraph: what every program takes is in rows where there is room. The few that a program
/// without a configuration takes stand below its own, without a title.
std::string short_options(const std::string& title, const std::vector<Row>& rows) {
  constexpr std::size_t kFew = 2;
  std::string text;
  for (const auto& row : rows) text += (text.empty() ? "  " : ", ") + row.left;
  return (rows.size() <= kFew ? "" : "\n" + title + ":\n") + wrapped(text, 0, 2) + "\n";
}

}  // namespace

std::vector<Option> common_options(bool configured) {
  static bool unused_flag;
  static std::string unused_text;
  static std::vector<std::string> unused_list;
  std::vector<Option> every{{"--help,-h", "", "print this", &unused_flag},
                            {"--version", "", "print the version", &unused_flag}};
  if (!configured) return every;
  return {
      {"--config", "FILE", "configuration [TS_CONFIG, else /etc/ts/ts.yaml if there]", &unused_text},
      {"--set", "KEY=VALUE", "set one key, VALUE is YAML; repeatable", &unused_list},
      {"--state", "DIR", "folder of what outlives a restart", &unused_text},
      {"--runtime", "DIR", "folder of the sockets", &unused_text},
      every[0],
      every[1],
  };
}

std::string help_text(const Program& program, std::span<const Command* const> path) {
  const Command& command = *path.back();
  std::string usage = "Usage: " + program.name;
  for (const auto* step : path.subspan(1)) usage += " " + step->name;
  usage += " [OPTION...]";
  if (!command.commands.empty()) usage += " COMMAND";
  usage += positional_labels(command);
  std::string title =
      usage + "\n" + wrapped(path.size() > 1 ? command.summary : program.summary, 0, 0) + "\n";
  std::vector<Row> commands, positionals;
  const auto own = option_rows(command.options), common = option_rows(common_options(program.configured));
  add_leaf_rows(command, "", commands);
  for (const auto& positional : command.positionals)
    if (!positional.help.empty()) positionals.push_back({positional.name, positional.help});
  const std::string codes =
      program.exit_status.empty()
          ? "0 done, 1 failed or refused, 2 usage, 3 bad configuration, 4 daemon not there, "
            "5 not permitted, 6 no such object, 7 timed out"
          : program.exit_status;
  std::string end = "\n" + wrapped("Exit status: " + codes + ". See " + program.page + ".", 0, 0) + "\n";
  auto options = own;
  options.insert(options.end(), common.begin(), common.end());
  std::string out =
      title + table("Commands", commands) + table("Arguments", positionals) + table("Options", options) + end;
  if (static_cast<std::size_t>(std::count(out.begin(), out.end(), '\n')) <= kHeight) return out;
  commands.clear();
  add_short_rows(command, commands);
  return title + table("Commands", commands) + table("Arguments", positionals) + table("Options", own) +
         short_options(own.empty() ? "Options" : "And as everywhere", common) + end;
}

}  // namespace ts::cli
