// The interleaved run-length decoder ([MS-RDPBCGR] 2.2.9.1.1.3.1.2.4, 3.1.9), what InterleavedEncoder's bytes
// mean to a client. Decides once an order, as the specification has it, whether there is a row before.
#pragma once

#include <cstdint>
#include <span>

#include "lib/base/bytes.h"
#include "lib/base/result.h"

namespace ts::codec {

/// Fills `pixels`, in rows of `width` in the order of the stream (bottom row first), with values of `depth`
/// bits: 8, 15, 16 or 24. An error for bytes that say more or fewer pixels than that.
[[nodiscard]] Result<> decode_interleaved(ByteView data, int depth, int width,
                                          std::span<std::uint32_t> pixels);

}  // namespace ts::codec
