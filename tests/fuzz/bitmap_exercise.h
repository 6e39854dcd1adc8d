// What the bitmap decoder's fuzzer does with its input, and the unit tests with the fuzzer's corpus: bitmaps
// of a server's choice painted into a desktop. Sanitizers see what is wrong; here only the picture's size is
// held to.
#pragma once

#include <cstdlib>

#include "lib/codec/received_picture.h"

namespace ts::codec {

/// Each bitmap: depth and whether compressed, place, size, length of its data, data.
inline void exercise_bitmaps(ByteView input) {
  constexpr int kDepths[] = {8, 15, 16, 24, 32, 4};
  ReceivedPicture picture;
  if (!picture.reset(100, 80)) std::abort();
  ByteReader in(input);
  while (!in.at_end()) {
    std::uint8_t kind = in.u8();
    EncodedRect rect;
    rect.bits_per_pixel = kDepths[(kind & 0x7F) % std::size(kDepths)];
    rect.compressed = kind & 0x80;
    rect.left = in.u8();
    rect.top = in.u8();
    rect.right = rect.left + in.u8();
    rect.bottom = rect.top + in.u8();
    rect.width = in.u16le();
    rect.height = in.u8();
    std::size_t size = in.u16le();
    rect.data = in.take(std::min(size, in.remaining()));
    (void)picture.paint(rect);
    if (picture.pixels().size() != 100 * 80) std::abort();
  }
}

}  // namespace ts::codec
