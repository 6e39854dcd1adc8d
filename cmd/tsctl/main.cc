// tsctl: acts on terminal services. This file is the table of its subcommands.
#include "cmd/tsctl/commands.h"
#include "lib/cli/program.h"

namespace {

/// Windows' names, and what systemctl and others call the same.
std::vector<ts::cli::Foreign> foreign_words() {
  return {{"msg", "message"},
          {"send", "message"},
          {"tsdiscon", "disconnect"},
          {"discon", "disconnect"},
          {"tscon", "connect"},
          {"attach", "connect"},
          {"rwinsta", "reset"},
          {"tskill", "kill"},
          {"terminate", "logoff"},
          {"logout", "logoff"},
          {"tsshutdn", "shutdown"},
          {"stop", "shutdown"},
          {"change", "drain"},
          {"chglogon", "drain"},
          {"start", "up"},
          {"run", "up"},
          {"password", "passwd"},
          {"session", "tsquery session"},
          {"sessions", "tsquery session"},
          {"qwinsta", "tsquery session"},
          {"query", "tsquery session"},
          {"list", "tsquery session"},
          {"quser", "tsquery user"},
          {"ps", "tsquery process"},
          {"status", "tsquery session"},
          {"events", "tsquery events"},
          {"help", "--help"}};
}

}  // namespace

int main(int argc, char** argv) {
  using namespace ts::tsctl;
  ts::cli::Program program{
      .name = "tsctl",
      .summary = "Acts on terminal services: runs them, lets clients go, ends sessions.",
      .page = "tsctl(1)",
      .root = {
          .commands = {up_command(), logoff_command(), disconnect_command(), reset_command(), kill_command(),
                       connect_command(), drain_command(), shutdown_command(), screenshot_command(),
                       message_command(), passwd_command(), config_command(), rdpfile_command()},
          .foreign = foreign_words()}};
  return ts::cli::run_program(program, argc, argv);
}
