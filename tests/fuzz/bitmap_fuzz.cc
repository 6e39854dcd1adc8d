#include "tests/fuzz/bitmap_exercise.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  ts::codec::exercise_bitmaps(std::as_bytes(std::span(data, size)));
  return 0;
}
