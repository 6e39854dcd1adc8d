// The planar decoder of RDP 6.0 bitmap compression ([MS-RDPEGDI] 2.2.2.5.1): run-length encoded planes or raw
// ones, with or without alpha (which says nothing in a bitmap update). Colour loss and chroma subsampling,
// which a server may use only if the client offered them, are refused.
#pragma once

#include <cstdint>
#include <span>

#include "lib/base/bytes.h"
#include "lib/base/result.h"

namespace ts::codec {

/// Fills `pixels`, in rows of `width` in the order of the stream (bottom row first), with 0x00RRGGBB. A byte
/// after the last plane is padding.
[[nodiscard]] Result<> decode_planar(ByteView data, int width, std::span<std::uint32_t> pixels);

}  // namespace ts::codec
