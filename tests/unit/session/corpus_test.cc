// Replays the fuzzer's corpus, so that builds without libFuzzer run it too.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/fuzz/host_exercise.h"

namespace {

TEST(HostCorpus, KeepsItsPromises) {
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(TS_SOURCE_DIR "/tests/fuzz/corpus/host")) {
    std::ifstream in(entry.path(), std::ios::binary);
    const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    const auto bytes = std::as_bytes(std::span(text));
    SCOPED_TRACE(entry.path());
    // Every truncation, too.
    bool logged_on = false;
    for (std::size_t size = 0; size <= bytes.size(); ++size)
      logged_on = ts::session::exercise::host(bytes.first(size));
    // Or they test less than they seem to.
    if (entry.path().filename() == "typed_to_active" || entry.path().filename() == "coming_back") {
      EXPECT_TRUE(logged_on);
    }
    ++files;
  }
  EXPECT_GE(files, 6);
}

}  // namespace
