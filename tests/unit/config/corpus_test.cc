// Replays the fuzzer's corpus, so that builds without libFuzzer run it too.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/fuzz/config_fuzz.cc"

namespace {

TEST(ConfigCorpus, IsReadWithoutFault) {
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(TS_SOURCE_DIR "/tests/fuzz/corpus/config")) {
    std::ifstream in(entry.path(), std::ios::binary);
    std::string bytes((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    SCOPED_TRACE(entry.path());
    EXPECT_EQ(LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()), 0);
    ++files;
  }
  EXPECT_GE(files, 6);
}

}  // namespace
