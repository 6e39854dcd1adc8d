// Frames from streams, and JSON under limits.
#include "lib/varlink/frame.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace ts::varlink {
namespace {

using namespace std::string_literals;

ByteView bytes_of(const std::string& text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

std::vector<UniqueFd> some_fds(int count) {
  std::vector<UniqueFd> out;
  for (int i = 0; i < count; ++i) out.emplace_back(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  return out;
}

TEST(FrameReader, CutsAtNulsHoweverTheBytesCome) {
  std::string stream = "{}\0{\"a\":1}\0 \0tail"s;
  for (std::size_t cut = 0; cut <= stream.size(); ++cut) {
    FrameReader reader({});
    ASSERT_TRUE(reader.feed(bytes_of(stream.substr(0, cut)), {}));
    ASSERT_TRUE(reader.feed(bytes_of(stream.substr(cut)), {}));
    EXPECT_EQ(reader.next()->text, "{}");
    EXPECT_EQ(reader.next()->text, "{\"a\":1}");
    EXPECT_EQ(reader.next()->text, " ");
    EXPECT_FALSE(reader.next());
    EXPECT_EQ(reader.buffered(), 4U);
  }
}

TEST(FrameReader, RefusesAnEmptyFrameWhereverItStands) {
  for (const std::string& stream : {"\0"s, "{}\0\0"s, "{}\0\0{}\0"s, std::string(100000, '\0')}) {
    for (std::size_t cut : {std::size_t{0}, std::size_t{1}, std::size_t{3}}) {
      if (cut > stream.size()) continue;
      FrameReader reader({});
      auto first = reader.feed(bytes_of(stream.substr(0, cut)), {});
      auto fed = first ? reader.feed(bytes_of(stream.substr(cut)), {}) : first;
      ASSERT_FALSE(fed);
      EXPECT_EQ(fed.error().code, ErrorCode::kMalformed);
      EXPECT_EQ(fed.error().message, "an empty message");
      // What came before stays, and nothing else was kept.
      EXPECT_LE(reader.buffered(), 2 + sizeof(Frame));
    }
  }
}

TEST(FrameReader, CountsWhatEachFrameCosts) {
  FrameReader reader({});
  std::string many;
  for (int i = 0; i < 1000; ++i) many += "x\0"s;
  ASSERT_TRUE(reader.feed(bytes_of(many + "part"), {}));
  EXPECT_EQ(reader.buffered(), 1000 * (1 + sizeof(Frame)) + 4);
  while (reader.next()) {
  }
  EXPECT_EQ(reader.buffered(), 4U);
}

TEST(FrameReader, LimitsAFrameExactly) {
  FrameReader fits({.frame_bytes = 10});
  EXPECT_TRUE(fits.feed(bytes_of("0123456789\0"
                                 "012345"s),
                        {}));
  EXPECT_TRUE(fits.feed(bytes_of("6789\0"s), {}));
  EXPECT_EQ(fits.next()->text, "0123456789");
  FrameReader too_long({.frame_bytes = 10});
  EXPECT_TRUE(too_long.feed(bytes_of("01234"), {}));
  EXPECT_FALSE(too_long.feed(bytes_of("567890"), {}));
}

TEST(FrameReader, DescriptorsBelongToTheLastFrameThatStarts) {
  FrameReader reader({});
  ASSERT_TRUE(reader.feed(bytes_of("first\0second\0"s), some_fds(1)));
  EXPECT_TRUE(reader.next()->fds.empty());
  EXPECT_EQ(reader.next()->fds.size(), 1U);
  ASSERT_TRUE(reader.feed(bytes_of("one\0tw"s), some_fds(2)));
  ASSERT_TRUE(reader.feed(bytes_of("o\0"s), {}));
  EXPECT_TRUE(reader.next()->fds.empty());
  EXPECT_EQ(reader.next()->fds.size(), 2U);
}

TEST(FrameReader, RefusesDescriptorsWithoutEnd) {
  FrameReader reader({});
  ASSERT_TRUE(reader.feed(bytes_of("a"), some_fds(4)));
  EXPECT_FALSE(reader.feed(bytes_of("b"), some_fds(1)));
}

TEST(ParseObject, LimitsNesting) {
  auto nested = [](int depth) {
    std::string text;
    for (int i = 0; i < depth; ++i) text += "{\"a\":";
    text += "1";
    for (int i = 0; i < depth; ++i) text += "}";
    return text;
  };
  Limits limits;
  EXPECT_TRUE(parse_object(nested(16), limits));
  EXPECT_FALSE(parse_object(nested(17), limits));
  EXPECT_FALSE(parse_object("{\"a\":" + std::string(60000, '['), limits));
  EXPECT_TRUE(parse_object(R"({"a":"[[[[[[[[[[[[[[[[[[[[[[[[{{{{{{{{"})", limits));
}

TEST(ParseObject, LimitsStrings) {
  Limits limits{.string_bytes = 4};
  EXPECT_TRUE(parse_object(R"({"abcd":"abcd"})", limits));
  EXPECT_FALSE(parse_object(R"({"abcd":"abcde"})", limits));
  EXPECT_FALSE(parse_object(R"({"abcde":1})", limits));
  EXPECT_TRUE(parse_object(R"({"a":"\"\\"})", limits));
}

TEST(ParseObject, RefusesWhatIsNotAnObjectOfJson) {
  for (const char* text :
       {"", "{", "[]", "1", "null", "{} {}", "{\"a\":\"\xff\"}", "{'a':1}", "{\"a\":01}", "{\"a\":NaN}"})
    EXPECT_FALSE(parse_object(text, {})) << text;
  EXPECT_TRUE(parse_object(" { } ", {}));
}

TEST(FrameBytes, EndsWithNulAndMendsText) {
  auto bytes = frame_bytes({{"name", "\xff!"}});
  std::string text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  EXPECT_EQ(text, "{\"name\":\"\xef\xbf\xbd!\"}\0"s);
}

}  // namespace
}  // namespace ts::varlink
