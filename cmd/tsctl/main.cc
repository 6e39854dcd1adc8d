// tsctl: acts on terminal services. This file is the table of its subcommands.
#include "cmd/tsctl/commands.h"
#include "lib/cli/program.h"

int main(int argc, char** argv) {
  using namespace ts::tsctl;
  ts::cli::Program program{
      .name = "tsctl",
      .summary = "Acts on terminal services: runs them, lets clients go, ends sessions.",
      .page = "tsctl(1)",
      .root = {.commands = {up_command(), logoff_command(), disconnect_command(), reset_command(),
                            kill_command(), connect_command(), drain_command(), shutdown_command(),
                            screenshot_command(), message_command(), passwd_command(), config_command(),
                            rdpfile_command()}}};
  return ts::cli::run_program(program, argc, argv);
}
