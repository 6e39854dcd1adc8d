// What a session shows, asked of its host by tssession: a part of the wire of host_messages.h, on the same
// socket. Who may see it is tssession's to know.
#pragma once

#include "lib/base/message.h"
#include "lib/session/types.h"

namespace ts::session {

/// tssession -> host. Answered by PictureTaken.
struct TakePicture {
  static constexpr MessageType kType = 0x28f;
  MessageHeader header{kType};
  std::uint32_t request = 0;  // repeated in the answer
};

/// host -> tssession, with one descriptor: a sealed memory file of rows of pixels, 32 bits each, B G R X in
/// memory. Without one, why not.
struct PictureTaken {
  static constexpr MessageType kType = 0x20b;
  MessageHeader header{kType};
  std::uint32_t request = 0;
  std::uint32_t offset = 0;  // bytes from the file's start to the first pixel
  std::uint32_t stride = 0;  // bytes from row to row
  std::uint16_t width = 0;   // pixels
  std::uint16_t height = 0;
  FixedText<256> message;  // why there is none
};

}  // namespace ts::session
