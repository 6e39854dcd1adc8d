// Text: what is typed, and what others wrote.
#include <gtest/gtest.h>

#include "cmd/tslogon/keyboard_list.h"
#include "cmd/tslogon/text_field.h"
#include "cmd/tslogon/widgets.h"
#include "lib/ui/safe_text.h"

namespace ts::logon {
namespace {

TEST(TextField, IsEditedByCodePoints) {
  TextField field(TextField::Kind::kPlain, 255);
  ASSERT_TRUE(field.insert("aé日"));
  EXPECT_EQ(field.length(), 3u);
  field.move_left();
  field.erase_before();
  EXPECT_EQ(field.text(), "a日");
  field.erase_after();
  EXPECT_EQ(field.text(), "a");
  field.erase_after();
  field.move_to_start();
  field.erase_before();
  EXPECT_EQ(field.text(), "a");
  field.insert("𝒳");
  field.move_to(2);  // inside of it
  EXPECT_EQ(field.cursor(), 0u);
  EXPECT_EQ(field.byte_of(1), 4u);
  EXPECT_EQ(field.byte_of(9), 5u);
}

TEST(TextField, HoldsWhatFitsIntoTheMessageAndNoMore) {
  TextField field(TextField::Kind::kPlain, 5);
  EXPECT_TRUE(field.insert("1234"));
  EXPECT_FALSE(field.insert("é"));
  EXPECT_TRUE(field.insert("5"));
  EXPECT_FALSE(field.insert("6"));
  EXPECT_EQ(field.text(), "12345");
}

TEST(TextField, TakesNothingThatNobodyTypes) {
  TextField field(TextField::Kind::kPlain, 255);
  for (const char* bad :
       {"\x1b", "\n", "\x7f", "\xc2\x85", "\xff", "\xc3", "\xe2\x80\xae", "\xed\xa0\x80", "\xc0\x80"}) {
    EXPECT_FALSE(field.insert(bad)) << bad;
  }
  field.assign("ro\xe2\x80\xaeot\x1b\xff!");
  EXPECT_EQ(field.text(), "root!");
  // A password may be anything that has no control character.
  TextField secret(TextField::Kind::kSecret, 255);
  EXPECT_TRUE(secret.insert("\u200d"));
  EXPECT_FALSE(secret.insert("\n"));
}

TEST(TextField, WipesWhatIsTakenOut) {
  TextField field(TextField::Kind::kSecret, 255);
  field.insert("secret");
  field.erase_before();
  EXPECT_EQ(field.storage()[5], std::byte{0});
  field.clear();
  for (auto byte : field.storage()) EXPECT_EQ(byte, std::byte{0});
}

TEST(SafeText, ShowsWhatCannotBeSeen) {
  EXPECT_EQ(safe_text("a\x1b[31mb\x07", 100), "a\\x1b[31mb\\x07");
  EXPECT_EQ(safe_text("user\u202etxt", 100), "user\\u202etxt");
  EXPECT_EQ(safe_text("\u2068x\u200b", 100), "\\u2068x\\u200b");
  EXPECT_EQ(safe_text("bad \xff\xc3 bytes", 100), "bad \uFFFD\uFFFD bytes");
  EXPECT_EQ(safe_text("<b>&amp;</b>", 100), "<b>&amp;</b>");
}

TEST(SafeText, IsBoundedAndOnAsManyLinesAsWanted) {
  EXPECT_EQ(safe_text("日本語です", 3), "日本語…");
  EXPECT_EQ(safe_text("abc", 3), "abc");
  EXPECT_EQ(safe_text(" one\r\ntwo\tthree \n", 100), "one two three");
  EXPECT_EQ(safe_text("one\ntwo\n\n", 100, Lines::kSeveral), "one\ntwo");
  EXPECT_EQ(safe_text(" \n ", 10), "");
}

TEST(FillIn, PutsTextsIntoPlacesWithoutReadingThem) {
  const std::string open = "\u2068", close = "\u2069";
  EXPECT_EQ(fill_in("{1} from {0}.", {"a", "b"}), open + "b" + close + " from " + open + "a" + close + ".");
  EXPECT_EQ(fill_in("{0}", {"{0}{1}"}), open + "{0}{1}" + close);
  EXPECT_EQ(fill_in("{2} {x} {", {"a"}), "{2} {x} {");
}

TEST(KeyboardList, HasTheClientsThenTheConfiguredThenUsAndEachOnce) {
  KeyboardList list({"0x40c", "de(nodeadkeys)", "gb", "0x409"});
  EXPECT_EQ(list.names(), (std::vector<std::string>{"fr", "de(nodeadkeys)", "gb", "us"}));
  list.set_client(0x407);
  EXPECT_EQ(list.names(), (std::vector<std::string>{"de", "fr", "de(nodeadkeys)", "gb", "us"}));
  list.set_client(0x809);
  EXPECT_EQ(list.names(), (std::vector<std::string>{"gb", "fr", "de(nodeadkeys)", "us"}));
  EXPECT_EQ(KeyboardList({"ru"})[0].needs_latin, true);
}

}  // namespace
}  // namespace ts::logon
