#include "lib/cli/exit_code.h"

#include <cerrno>

namespace ts::cli {

ExitCode exit_code_of(const Error& error) {
  switch (error.code) {
    case ErrorCode::kUsage:
      return kUsage;
    case ErrorCode::kConfig:
      return kBadConfig;
    case ErrorCode::kUnavailable:
      return kUnreachable;
    case ErrorCode::kNotPermitted:
      return kNotPermitted;
    case ErrorCode::kNotFound:
      return kNoSuchObject;
    case ErrorCode::kTimedOut:
      return kTimedOut;
    case ErrorCode::kMalformed:
    case ErrorCode::kRefused:
    case ErrorCode::kInternal:
      return kFailed;
    case ErrorCode::kSystem:
      return error.error_number == EACCES || error.error_number == EPERM ? kNotPermitted : kFailed;
  }
  return kFailed;
}

}  // namespace ts::cli
