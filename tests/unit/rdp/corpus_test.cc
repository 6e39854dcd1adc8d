// Every saved fuzz input goes through its target's function in the ordinary test run.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/fuzz/rdp_oracles.h"

namespace ts::rdp {
namespace {

struct Target {
  const char* name;
  void (*run)(ByteView);
};

class Corpus : public testing::TestWithParam<Target> {};

TEST_P(Corpus, Replays) {
  std::filesystem::path folder = std::filesystem::path(TS_SOURCE_DIR) / "tests/fuzz/corpus" / GetParam().name;
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    SCOPED_TRACE(entry.path().string());
    std::ifstream in(entry.path(), std::ios::binary);
    std::string text(std::istreambuf_iterator<char>(in), {});
    GetParam().run(std::as_bytes(std::span(text)));
    ++files;
  }
  EXPECT_GT(files, 0) << folder << " is empty";
}

INSTANTIATE_TEST_SUITE_P(
    Rdp, Corpus,
    testing::Values(Target{"x224", oracle::x224}, Target{"connect_initial", oracle::connect_initial},
                    Target{"domain_pdu", oracle::domain_pdu}, Target{"client_info", oracle::client_info},
                    Target{"share_pdu", oracle::share_pdu}, Target{"fastpath_input", oracle::fastpath_input},
                    Target{"acceptor", oracle::acceptor}, Target{"acceptor_active", oracle::acceptor_active},
                    Target{"connector", oracle::connector},
                    Target{"connector_active", oracle::connector_active}),
    [](const auto& info) { return std::string(info.param.name); });

// The recordings are of real clients: each must end up active, or they test less than they seem to.
TEST(Recordings, LeadToAnActiveConnection) {
  std::filesystem::path folder = std::filesystem::path(TS_SOURCE_DIR) / "tests/fuzz/corpus/acceptor";
  for (const char* name : {"xfreerdp", "rdesktop", "xfreerdp-slow-path", "xfreerdp-8bpp"}) {
    std::ifstream in(folder / name, std::ios::binary);
    std::string text(std::istreambuf_iterator<char>(in), {});
    ByteView rest = std::as_bytes(std::span(text));
    Acceptor acceptor;
    Bytes out;
    std::vector<Event> events;
    while (!rest.empty()) {
      auto size = acceptor.frame_size(rest);
      ASSERT_TRUE(size && *size && **size <= rest.size()) << name;
      auto result = acceptor.step(rest.first(**size), out, events);
      ASSERT_TRUE(result.has_value()) << name << ": " << result.error().message;
      rest = rest.subspan(**size);
    }
    EXPECT_TRUE(acceptor.active()) << name;
  }
}

}  // namespace
}  // namespace ts::rdp
