// The subcommands of tsctl, one file each. Each function makes its row of the program's table; what a
// command's options fill in lives as long as the program.
#pragma once

#include "lib/cli/program.h"

namespace ts::tsctl {

cli::Command up_command();
cli::Command logoff_command();
cli::Command disconnect_command();
cli::Command reset_command();
cli::Command kill_command();
cli::Command drain_command();
cli::Command shutdown_command();
cli::Command connect_command();
cli::Command screenshot_command();
cli::Command message_command();
cli::Command passwd_command();
cli::Command config_command();
cli::Command rdpfile_command();

}  // namespace ts::tsctl
