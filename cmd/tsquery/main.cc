// tsquery: asks terminal services; tables for people, --json for pipelines. It changes nothing.
#include "cmd/tsquery/commands.h"
#include "lib/cli/program.h"

int main(int argc, char** argv) {
  ts::cli::Program program{.name = "tsquery",
                           .summary = "Asks terminal services; changes nothing.",
                           .page = "tsquery(1)",
                           .root = {.commands = {ts::tsquery::session_command(), ts::tsquery::user_command(),
                                                 ts::tsquery::process_command()}}};
  return ts::cli::run_program(program, argc, argv);
}
