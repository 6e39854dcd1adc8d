// A picture as the bytes of a PNG file. Pure: who wants a file writes one (lib/cli/whole_file.h).
#pragma once

#include "lib/base/bytes.h"
#include "lib/base/result.h"
#include "lib/codec/picture.h"

namespace ts::codec {

/// 8 bits for each of red, green and blue. Reads each pixel once.
[[nodiscard]] Result<Bytes> encode_png(const FrameView& picture);

}  // namespace ts::codec
