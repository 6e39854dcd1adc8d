// Keyed hashes (HMAC, [RFC2104]) and the comparison that belongs to them. OpenSSL computes; no state, no I/O.
// Which key is whose, and for how long, is the callers' business.
#pragma once

#include <array>
#include <cstddef>

#include "lib/base/bytes.h"

namespace ts::crypto {

using Md5Mac = std::array<std::byte, 16>;
using Sha256Mac = std::array<std::byte, 32>;

/// MD5 where a protocol wants it; as a MAC it has not been broken.
Md5Mac hmac_md5(ByteView key, ByteView data);
Sha256Mac hmac_sha256(ByteView key, ByteView data);

/// In time that depends on nothing but the length. Different lengths are different, at once.
bool equal_in_constant_time(ByteView a, ByteView b);

}  // namespace ts::crypto
