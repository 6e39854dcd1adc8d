// What people compare of a certificate. Reads PEM; no key, no trust: that is TLS's affair (tls.h).
#pragma once

#include <string>
#include <string_view>

#include "lib/base/result.h"

namespace ts::net {

/// SHA-256 of the first certificate in `pem`, as clients show it: "5f:0a:...". kConfig when there is none.
[[nodiscard]] Result<std::string> certificate_fingerprint(std::string_view pem);

}  // namespace ts::net
