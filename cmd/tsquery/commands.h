// The subcommands of tsquery, one file each, as rows of the program's table.
#pragma once

#include "lib/cli/program.h"

namespace ts::tsquery {

cli::Command session_command();
cli::Command user_command();
cli::Command process_command();
cli::Command server_command();
cli::Command metrics_command();
cli::Command events_command();

}  // namespace ts::tsquery
