#include "tests/fuzz/rdp_oracles.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  ts::rdp::oracle::connector_active(std::as_bytes(std::span(data, size)));
  return 0;
}
