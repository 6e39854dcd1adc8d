// Hostile framebuffers, damage and cursors through tiles and encoders.
#include "tests/fuzz/codec_exercise.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ts::codec::exercise_codec(std::as_bytes(std::span(data, size)));
  return 0;
}
