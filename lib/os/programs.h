// Where our own programs are: found from where this one is, so that the build tree and an installation both
// work without configuration.
#pragma once

#include <filesystem>

#include "lib/base/result.h"

namespace ts::os {

/// Looks for `name` in this program's own folder, then in ../bin ../sbin ../libexec ../libexec/ts ../../bin
/// ../../sbin.
Result<std::filesystem::path> find_program(std::string_view name);

}  // namespace ts::os
