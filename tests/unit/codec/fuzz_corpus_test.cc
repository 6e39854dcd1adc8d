#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/fuzz/codec_exercise.h"

namespace ts::codec {
namespace {

TEST(CodecFuzzCorpusTest, EveryInputIsSurvivedWholeAndCutShort) {
  int inputs = 0;
  for (const auto& entry : std::filesystem::directory_iterator(TS_SOURCE_DIR "/tests/fuzz/corpus/codec")) {
    std::ifstream file(entry.path(), std::ios::binary);
    std::string content{std::istreambuf_iterator<char>(file), {}};
    ByteView input = std::as_bytes(std::span(content));
    exercise_codec(input);
    for (std::size_t cut = 0; cut < input.size(); cut += 1 + input.size() / 8)
      exercise_codec(input.first(cut));
    ++inputs;
  }
  EXPECT_GT(inputs, 0) << "the corpus is gone";
}

}  // namespace
}  // namespace ts::codec
