#include "lib/cli/program.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <list>

#include "lib/base/nearest.h"
#include "lib/cli/help.h"
#include "lib/config/defaults.h"

namespace ts::cli {
namespace {

/// Values of the options that every program takes.
struct Common {
  std::string config, state, runtime;
  std::vector<std::string> set;
  bool help = false, version = false;
  CLI::Option *config_given = nullptr, *state_given = nullptr, *runtime_given = nullptr;
};

/// What CLI11 knows of one of our commands.
struct Node {
  const Command* command = nullptr;
  CLI::App* app = nullptr;
  std::vector<CLI::Option*> positionals;
  std::vector<CLI::Option*> options;
};

CLI::Option* add_option(CLI::App& app, const Option& option) {
  // A later value replaces an earlier one; a list takes one value each time, or it would eat the subcommand.
  return std::visit(
      [&](auto* target) -> CLI::Option* {
        using T = std::remove_pointer_t<decltype(target)>;
        if constexpr (std::is_same_v<T, bool>) {
          return app.add_flag(option.name, *target);
        } else if constexpr (std::is_same_v<T, std::vector<std::string>>) {
          return app.add_option(option.name, *target)->allow_extra_args(false);
        } else {
          return app.add_option(option.name, *target)->take_last();
        }
      },
      option.target);
}

class Parser {
 public:
  Parser(const Program& program, Common& common) : configured_(program.configured) {
    app_.set_help_flag();
    app_.name(program.name);
    add_command(program.root, app_);
    if (configured_) {
      common.config_given = add_option(app_, {"--config", "FILE", "", &common.config});
      add_option(app_, {"--set", "KEY=VALUE", "", &common.set});
      common.state_given = add_option(app_, {"--state", "DIR", "", &common.state});
      common.runtime_given = add_option(app_, {"--runtime", "DIR", "", &common.runtime});
    }
    add_option(app_, {"--help,-h", "", "", &common.help});
    add_option(app_, {"--version", "", "", &common.version});
  }

  Result<> parse(int argc, char** argv) {
    try {
      app_.parse(argc, argv);
    } catch (const CLI::Error& error) {
      return tl::unexpected(translated(error));
    }
    return {};
  }

  /// From the root to the command that was named.
  std::vector<const Node*> path() const {
    std::vector<const Node*> out{node_of(&app_)};
    for (auto chosen = app_.get_subcommands(); !chosen.empty(); chosen = chosen[0]->get_subcommands()) {
      out.push_back(node_of(chosen[0]));
    }
    return out;
  }

  /// What is left over or missing.
  Result<> check(const std::vector<const Node*>& path) const {
    const Node& node = *path.back();
    auto rest = app_.remaining(true);
    if (!rest.empty()) return unexpected_word(rest.front(), path);
    if (!node.command->run) {
      std::vector<std::string> words;
      for (const auto& child : node.command->commands) words.push_back(child.name);
      return fail(ErrorCode::kUsage, "a command is missing: {}", fmt::join(words, ", "));
    }
    TS_TRY(check_required(node.command->positionals, node.positionals));
    return check_required(node.command->options, node.options);
  }

 private:
  void add_command(const Command& command, CLI::App& app) {
    app.allow_extras();
    app.fallthrough();
    // At most one subcommand: "tsctl passwd up" is about an account called up.
    app.require_subcommand(0, 1);
    Node& node = nodes_.emplace_back();
    node.command = &command;
    node.app = &app;
    for (const auto& option : command.options) node.options.push_back(add_option(app, option));
    for (const auto& positional : command.positionals)
      node.positionals.push_back(add_option(app, positional));
    for (const auto& child : command.commands)
      add_command(child, *app.add_subcommand(child.name, child.summary));
  }

  const Node* node_of(const CLI::App* app) const {
    auto found =
        std::find_if(nodes_.begin(), nodes_.end(), [&](const Node& node) { return node.app == app; });
    return &*found;
  }

  static Result<> check_required(const std::vector<Option>& wanted, const std::vector<CLI::Option*>& given) {
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      if (wanted[i].required && given[i]->count() == 0)
        return fail(ErrorCode::kUsage, "{} is missing", wanted[i].name);
    }
    return {};
  }

  Result<> unexpected_word(const std::string& word, const std::vector<const Node*>& path) const {
    const Command& command = *path.back()->command;
    bool option = word.size() > 1 && word[0] == '-';
    if (!option && command.commands.empty())
      return fail(ErrorCode::kUsage, "unexpected argument '{}'{}{}", word,
                  command.surplus.empty() ? "" : "; ", command.surplus);
    std::string shown = word.substr(0, option ? word.find('=') : std::string::npos);
    auto near = option ? nearest(shown, option_names(path)) : meant_by(shown, command);
    return fail(ErrorCode::kUsage, "unknown {} '{}'{}", option ? "option" : "command", shown,
                near ? fmt::format(", did you mean '{}'?", *near) : "");
  }

  static std::optional<std::string> meant_by(const std::string& word, const Command& command) {
    for (const auto& foreign : command.foreign)
      if (foreign.word == word) return foreign.here;
    return nearest(word, command_names(command));
  }

  static std::vector<std::string> command_names(const Command& command) {
    std::vector<std::string> names;
    for (const auto& child : command.commands) names.push_back(child.name);
    return names;
  }

  std::vector<std::string> option_names(const std::vector<const Node*>& path) const {
    std::vector<std::string> names;
    auto add = [&](const std::vector<Option>& options) {
      for (const auto& option : options) names.push_back(option.name.substr(0, option.name.find(',')));
    };
    for (const auto* node : path) add(node->command->options);
    add(common_options(configured_));
    return names;
  }

  /// CLI11's messages start with the option's name and speak of types; ours say what to do.
  static Error translated(const CLI::Error& error) {
    std::string text = error.what();
    std::string option = text.substr(0, text.find(':'));
    if (error.get_name() == "ArgumentMismatch") {
      return {ErrorCode::kUsage, fmt::format("option '{}' needs a value", option)};
    }
    if (error.get_name() == "ConversionError") {
      return {ErrorCode::kUsage,
              fmt::format("a whole number is needed: {}", text.substr(text.find(':') + 2))};
    }
    return {ErrorCode::kUsage, text};
  }

  bool configured_;
  CLI::App app_;
  std::list<Node> nodes_;
};

config::Sources sources_of(const Common& common) {
  config::Sources sources;
  const char* named = std::getenv("TS_CONFIG");
  if (common.config_given->count() > 0) {
    sources.file = common.config;
    sources.file_required = true;
  } else if (named && *named) {
    sources.file = named;
    sources.file_required = true;
  } else {
    sources.file = "/etc/ts/ts.yaml";
  }
  sources.set = common.set;
  if (common.state_given->count() > 0) sources.state = common.state;
  if (common.runtime_given->count() > 0) sources.runtime = common.runtime;
  return sources;
}

/// Everything spelt out: a child has another working folder, environment and perhaps uid.
std::vector<std::string> forwarded(const config::Sources& sources, const config::Config& config) {
  std::vector<std::string> out;
  if (sources.file_required) {
    out.push_back("--config");
    out.push_back(std::filesystem::absolute(sources.file));
  }
  for (const auto& setting : sources.set) {
    out.push_back("--set");
    out.push_back(setting);
  }
  out.insert(out.end(),
             {"--state", config.layout.state.string(), "--runtime", config.layout.runtime.string()});
  return out;
}

int usage_error(const Program& program, const std::vector<const Node*>& path, const Error& error) {
  std::string name = program.name;
  for (std::size_t i = 1; i < path.size(); ++i) name += " " + path[i]->command->name;
  fmt::print(stderr, "{}: {}\nTry '{} --help'.\n", program.name, error.message, name);
  return kUsage;
}

int print_help(const Program& program, const std::vector<const Node*>& path) {
  std::vector<const Command*> commands;
  for (const auto* node : path) commands.push_back(node->command);
  fmt::print("{}", help_text(program, commands));
  return kDone;
}

int load_and_run(const Program& program, const Command& command, const Common& common) {
  Context context;
  if (!program.configured) return command.run(context);
  context.sources = sources_of(common);
  if (command.needs_config) {
    auto loaded = config::load(context.sources);
    if (!loaded) {
      for (const auto& line : loaded.error().lines) {
        if (log::to_journal())
          log::error("{}", line);
        else
          fmt::print(stderr, "{}\n", line);
      }
      return kBadConfig;
    }
    context.config = *loaded;
  } else {
    context.config = config::defaults();
  }
  context.forwarded = forwarded(context.sources, context.config);
  log::open(program.name, context.config.log_level);
  return command.run(context);
}

int parse_and_run(const Program& program, int argc, char** argv) {
  Common common;
  Parser parser(program, common);
  auto parsed = parser.parse(argc, argv);
  auto path = parser.path();
  if (!parsed) return usage_error(program, path, parsed.error());
  if (common.help) return print_help(program, path);
  if (common.version) {
    fmt::print("{} {}\n", program.name, TS_VERSION);
    return kDone;
  }
  if (auto complete = parser.check(path); !complete) return usage_error(program, path, complete.error());
  return load_and_run(program, *path.back()->command, common);
}

}  // namespace

int run_program(const Program& program, int argc, char** argv) {
  log::open(program.name);
  try {
    int code = parse_and_run(program, argc, argv);
    if (std::fflush(stdout) == 0 && !std::ferror(stdout)) return code;
    return report(program.name, Error{ErrorCode::kSystem, "the output cannot be written"});
  } catch (const std::exception& error) {
    return report(program.name, Error{ErrorCode::kInternal, error.what()});
  }
}

int report(std::string_view program, const Error& error) {
  // A person wants one plain sentence; in the journal it would be lost among the informative ones.
  if (log::to_journal())
    log::error("{}", error.message);
  else
    fmt::print(stderr, "{}: {}\n", program, error.message);
  return exit_code_of(error);
}

}  // namespace ts::cli
