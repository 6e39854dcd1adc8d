// Exit codes, the same for all programs and documented in each page.
#pragma once

#include "lib/base/result.h"

namespace ts::cli {

enum ExitCode : int {
  kDone = 0,
  kFailed = 1,  // failed or refused
  kUsage = 2,
  kBadConfig = 3,
  kUnreachable = 4,  // the daemon is not there
  kNotPermitted = 5,
  kNoSuchObject = 6,
  kTimedOut = 7
};

ExitCode exit_code_of(const Error& error);

}  // namespace ts::cli
