#include "tests/fuzz/host_exercise.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ts::session::exercise::host(std::as_bytes(std::span(data, size)));
  return 0;
}
