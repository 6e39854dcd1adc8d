// OpenSSL's error queue as our Error. For lib/net's own .cc files.
#pragma once

#include <openssl/err.h>

#include "lib/base/result.h"

namespace ts::net {

/// Takes the oldest queued error and clears the queue.
inline Unexpected fail_openssl(std::string_view what, ErrorCode code = ErrorCode::kInternal) {
  char text[256] = "unknown error";
  if (unsigned long number = ERR_get_error(); number != 0) ERR_error_string_n(number, text, sizeof text);
  ERR_clear_error();
  return fail(code, "{}: {}", what, text);
}

}  // namespace ts::net
