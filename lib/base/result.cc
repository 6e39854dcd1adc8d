#include "lib/base/result.h"

#include <cerrno>
#include <cstring>

namespace ts {

Unexpected fail_errno(std::string_view what) {
  return fail_errno(what, errno);
}

Unexpected fail_errno(std::string_view what, int error_number) {
  return Unexpected(
      Error{ErrorCode::kSystem, fmt::format("{}: {}", what, std::strerror(error_number)), error_number});
}

}  // namespace ts
