// Numbers of bitmap and palette updates ([MS-RDPBCGR] 2.2.9.1.1.3), for update_writer.cc and
// update_reader.cc.
#pragma once

#include <cstdint>

namespace ts::rdp {

inline constexpr std::uint16_t kUpdateBitmap =
    1;  // updateType, at the front of slow-path and fast-path data alike
inline constexpr std::uint16_t kUpdatePalette = 2;

// Flags of TS_BITMAP_DATA (2.2.9.1.1.3.1.2.2).
inline constexpr std::uint16_t kBitmapCompression = 0x0001;
inline constexpr std::uint16_t kNoCompressionHeader = 0x0400;

}  // namespace ts::rdp
