// A picture as a PNG file.
#pragma once

#include <string>

#include "lib/base/result.h"
#include "lib/codec/received_picture.h"

namespace ts::probe {

/// Writes or replaces the file; kSystem when it cannot be written.
[[nodiscard]] Result<> write_png(const codec::ReceivedPicture& picture, const std::string& file);

}  // namespace ts::probe
