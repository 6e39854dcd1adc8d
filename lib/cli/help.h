// The text of --help, made from the program's table; fits a terminal of 80x24: where it
// would not, what every program takes is named in one paragraph.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "lib/cli/program.h"

namespace ts::cli {

/// The options that every program takes, in the order of its help; `configured` as in Program. Their targets
/// are unused here.
std::vector<Option> common_options(bool configured);

/// `path` leads from the root to the command that help is asked for; just the root for the program itself.
std::string help_text(const Program& program, std::span<const Command* const> path);

}  // namespace ts::cli
