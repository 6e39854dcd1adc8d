// tsquery: asks terminal services; tables for people, --json for pipelines. It changes nothing.
#include "cmd/tsquery/commands.h"
#include "lib/cli/program.h"

int main(int argc, char** argv) {
  using namespace ts::tsquery;
  ts::cli::Program program{.name = "tsquery",
                           .summary = "Asks terminal services; changes nothing.",
                           .page = "tsquery(1)",
                           .root = {.commands = {session_command(), user_command(), process_command(),
                                                 server_command(), metrics_command(), events_command()},
                                    .foreign = {{"qwinsta", "session"},
                                                {"list", "session"},
                                                {"status", "session"},
                                                {"quser", "user"},
                                                {"who", "user"},
                                                {"qprocess", "process"},
                                                {"ps", "process"},
                                                {"qappsrv", "server"},
                                                {"termserver", "server"},
                                                {"connections", "server"},
                                                {"log", "events"},
                                                {"help", "--help"}}}};
  return ts::cli::run_program(program, argc, argv);
}
