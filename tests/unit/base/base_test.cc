#include <gtest/gtest.h>

#include "lib/base/bytes.h"
#include "lib/base/log.h"
#include "lib/base/random.h"
#include "lib/base/result.h"
#include "lib/base/utf.h"

namespace ts {
namespace {

TEST(ByteReader, NeverReadsPastTheEndAndStaysFailed) {
  const std::byte raw[] = {std::byte{1}, std::byte{2}, std::byte{3}};
  ByteReader in(raw);
  EXPECT_EQ(in.u16le(), 0x0201);
  EXPECT_EQ(in.u16le(), 0);
  EXPECT_TRUE(in.failed());
  EXPECT_EQ(in.u8(), 0) << "after a failure nothing is read, though a byte is left";
  EXPECT_EQ(in.remaining(), 0u);
  EXPECT_TRUE(ByteReader(raw).take(4).empty());
}

TEST(ByteReader, HugeSizesDoNotWrap) {
  const std::byte raw[4] = {};
  ByteReader in(raw);
  in.skip(2);
  EXPECT_TRUE(in.take(static_cast<std::size_t>(-1)).empty());
  EXPECT_TRUE(in.failed());
}

TEST(ByteWriter, MirrorsTheReader) {
  Bytes out;
  ByteWriter writer(out);
  writer.u8(1);
  writer.u16le(0x0203);
  writer.u16be(0x0203);
  writer.u32le(0x04050607);
  writer.u32be(0x04050607);
  writer.u64le(0x0102030405060708);
  writer.patch_u16be(1, 0xAABB);
  ByteReader in(out);
  EXPECT_EQ(in.u8(), 1);
  EXPECT_EQ(in.u16be(), 0xAABB);
  EXPECT_EQ(in.u16be(), 0x0203);
  EXPECT_EQ(in.u32le(), 0x04050607u);
  EXPECT_EQ(in.u32be(), 0x04050607u);
  EXPECT_EQ(in.u64le(), 0x0102030405060708u);
  EXPECT_TRUE(in.ok() && in.at_end());
}

TEST(Utf, RoundTripsAndReplacesWhatIsBroken) {
  std::string text = "a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80";
  EXPECT_EQ(utf16le_to_utf8(utf8_to_utf16le(text)), text);
  const std::byte lone[] = {std::byte{0x00}, std::byte{0xD8}, std::byte{'x'}, std::byte{0}};
  EXPECT_EQ(utf16le_to_utf8(lone), "\xef\xbf\xbdx");
  EXPECT_EQ(utf16le_to_utf8(utf8_to_utf16le("\xff\xc0\x80")), "\xef\xbf\xbd\xef\xbf\xbd")
      << "overlong is not NUL";
}

TEST(Log, EscapesWhatStrangersSend) {
  EXPECT_EQ(log::escaped("a\n\x1b[31m\\"), "a\\x0a\\x1b[31m\\x5c");
  EXPECT_EQ(log::escaped(std::string(300, 'x')).size(), 203u);
}

TEST(Random, PasswordsAreLettersAndDigitsAndDiffer) {
  std::string one = random_password(16), two = random_password(16);
  EXPECT_EQ(one.size(), 16u);
  EXPECT_NE(one, two);
  for (char c : one) EXPECT_TRUE(std::isalnum(static_cast<unsigned char>(c)));
}

Result<int> half(int value) {
  if (value % 2 != 0) return fail(ErrorCode::kRefused, "{} is odd", value);
  return value / 2;
}

Result<int> quarter(int value) {
  TS_TRY_ASSIGN(int once, half(value));
  TS_TRY_ASSIGN(int twice, half(once));
  return twice;
}

TEST(Result, TryHandsErrorsOn) {
  EXPECT_EQ(*quarter(8), 2);
  EXPECT_EQ(quarter(6).error().message, "3 is odd");
  EXPECT_EQ(quarter(6).error().with_context("quartering").message, "quartering: 3 is odd");
}

}  // namespace
}  // namespace ts
