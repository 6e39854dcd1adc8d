// What every program's command line has in common, as a table: options, subcommands, help, version, exit
// codes,
// `--config --set --state --runtime` (unless it has nothing to do with a service) before or after a
// subcommand. The same table feeds --help, completions and the tests. CLI11 stays inside program.cc.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "lib/cli/exit_code.h"
#include "lib/config/load.h"

namespace ts::cli {

/// Where an option's or positional's value goes. bool: a flag.
using Target = std::variant<bool*, int*, std::string*, std::vector<std::string>*>;

struct Option {
  std::string name;   // "--json", or "--server,-s"; for a positional "USER"
  std::string value;  // name of the value in help, e.g. "FILE"; empty for a flag
  std::string help;   // with the default, if there is one
  Target target;
  bool required = false;
};

/// A word that people bring along from other systems' commands, and what is called so here.
struct Foreign {
  std::string word;
  std::string here;  // a command beside it, or a whole command line: "tsquery session"
};

/// What run() gets: the loaded configuration, and the common options in the form that a child program takes.
struct Context {
  config::Config config;
  config::Sources sources;
  std::vector<std::string> forwarded;  // e.g. {"--set", "sessions.idle=1", "--runtime", "/tmp/x"}
};

struct Command {
  std::string name;
  std::string summary;
  std::vector<Option> options;
  std::vector<Option> positionals;
  std::function<int(const Context&)> run;  // returns an ExitCode
  std::vector<Command> commands;           // nested: `tsctl config check`
  bool needs_config = true;                // false: run() is called with an unloaded (default) configuration
  std::vector<Foreign> foreign;            // words that are tried in place of one of `commands`
  std::string surplus;                     // said of an argument too many: what was probably meant
};

struct Program {
  std::string name;
  std::string summary;
  std::string page;         // "tsctl(1)", named at the end of --help
  Command root;             // options of the program itself; run is used when there are no subcommands
  bool configured = true;   // false: it has no part in a service, so it takes none of the options above
  std::string exit_status;  // for --help, when the codes mean something of its own: "0 good, 1 ..."
};

/// Parses, loads the configuration, opens the log, runs. Returns the process's exit code; throws nothing.
/// Usage errors print `tsctl: ...` and "Try 'tsctl --help'." on stderr and give kUsage.
int run_program(const Program& program, int argc, char** argv);

/// Prints `PROGRAM: message` on stderr and gives the exit code that fits.
int report(std::string_view program, const Error& error);

}  // namespace ts::cli
