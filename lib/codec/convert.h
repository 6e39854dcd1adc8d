// Pixels of 0x00RRGGBB become those of lower depths, a row at a time. 15 bits are 0RRRRRGGGGGBBBBB, 16 bits
// RRRRRGGGGGGBBBBB; low bits are dropped.
#pragma once

#include <cstdint>

#include "lib/codec/palette.h"

namespace ts::codec {

void convert_to_15(const std::uint32_t* in, int count, std::uint16_t* out);
void convert_to_16(const std::uint32_t* in, int count, std::uint16_t* out);
void convert_to_8(const std::uint32_t* in, int count, const PaletteLookup& lookup, std::uint8_t* out);
/// Three bytes a pixel, B G R.
void convert_to_24(const std::uint32_t* in, int count, std::uint8_t* out);

}  // namespace ts::codec
