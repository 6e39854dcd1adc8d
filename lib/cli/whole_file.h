// A file that a command writes for its caller: there whole or not at all, so that nobody takes a cut one for
// the result, and what was there before is not lost to a full disk.
#pragma once

#include <sys/types.h>

#include <string>

#include "lib/base/bytes.h"
#include "lib/base/result.h"

namespace ts::cli {

/// Writes a new file beside `path` and gives it that name; a link of this name is replaced, not followed.
/// What is there and is no file (a pipe, a terminal, /dev/stdout) is written to as it is. kSystem with
/// "cannot write 'PATH'" and why.
[[nodiscard]] Result<> write_whole_file(const std::string& path, ByteView content, mode_t mode);

}  // namespace ts::cli
