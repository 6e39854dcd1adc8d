// Replays the fuzzer's corpus, so that builds without libFuzzer run it too.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/fuzz/varlink_fuzz.cc"

namespace {

TEST(VarlinkCorpus, IsReadWithoutFault) {
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(TS_SOURCE_DIR "/tests/fuzz/corpus/varlink")) {
    std::ifstream in(entry.path(), std::ios::binary);
    std::string bytes((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    SCOPED_TRACE(entry.path());
    EXPECT_EQ(LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()), 0);
    // Every truncation and a flipped bit in every byte.
    for (std::size_t i = 0; i < std::min<std::size_t>(bytes.size(), 600); ++i) {
      LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), i);
      std::string flipped = bytes;
      flipped[i] = static_cast<char>(flipped[i] ^ (1 << (i % 8)));
      LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(flipped.data()), flipped.size());
    }
    ++files;
  }
  EXPECT_GE(files, 10);
}

}  // namespace
