// tsctl config check|show: what the configuration says, without starting anything.
#include <cstdio>

#include "cmd/tsctl/commands.h"

namespace ts::tsctl {

cli::Command config_command() {
  // Loading is the check: what is wrong has been printed, and ended the program with 3, before run is called.
  cli::Command check{.name = "check", .summary = "Report all errors of the configuration; silent if none."};
  check.run = [](const cli::Context&) { return cli::kDone; };
  cli::Command show{.name = "show", .summary = "Print the whole configuration, defaults included."};
  show.run = [](const cli::Context& context) {
    fmt::print("{}", config::dump(context.config));
    return cli::kDone;
  };
  return {.name = "config", .summary = "Check or show the configuration.", .commands = {check, show}};
}

}  // namespace ts::tsctl
