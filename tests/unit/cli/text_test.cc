// What strangers call themselves, on a terminal and in JSON.
#include "lib/cli/text.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace ts::cli {
namespace {

TEST(Printable, NothingSteersATerminal) {
  EXPECT_EQ(printable("J\xc3\xb6rg \xe5\xb1\xb1"), "J\xc3\xb6rg \xe5\xb1\xb1");
  EXPECT_EQ(printable("a\x1b[2Jb\r\nc\td\x7f"), "a?[2Jb??c?d?");
  EXPECT_EQ(printable("\xc2\x9b"
                      "2J"),
            "?2J")
      << "CSI of the second set";
  EXPECT_EQ(printable("x\xe2\x80\xae"
                      "gpj.exe"),
            "x?gpj.exe")
      << "right-to-left override";
  EXPECT_EQ(printable("a\xe2\x80\xa8"
                      "b"),
            "a?b")
      << "line separator";
  EXPECT_EQ(printable("\xff\xfe\xc3"), "???");
  EXPECT_EQ(printable("\xef\xbf\xbd"), "\xef\xbf\xbd") << "U+FFFD itself is shown";
  EXPECT_EQ(printable(std::string_view("a\0b", 3)), "a?b");
}

TEST(JsonLine, IsJsonThatATerminalMayShow) {
  std::string hostile = "a\x1b[2J\x7f\xc2\x9b\xe2\x80\xae\"\\\n\xff";
  std::string line = json_line({{"name", hostile}});
  EXPECT_EQ(line, R"({"name":"a\u001b[2J\u007f\u009b\u202e\"\\\n)"
                  "\xef\xbf\xbd\"}");
  EXPECT_EQ(nlohmann::json::parse(line).at("name"), "a\x1b[2J\x7f\xc2\x9b\xe2\x80\xae\"\\\n\xef\xbf\xbd");
  EXPECT_EQ(json_line({{"name", "J\xc3\xb6rg"}}), "{\"name\":\"J\xc3\xb6rg\"}");
}

TEST(Table, IsAsWideAsItsWidestCell) {
  Table table({{"name", 6}, {"id", 4, true}, {"what", 3}});
  table.add({"ann", "7", ""}, '>');
  table.add({"a\nlong name", "12345", "x"});
  EXPECT_EQ(table.text(),
            " NAME            ID  WHAT\n"
            ">ann              7\n"
            " a?long name  12345  x\n");
}

TEST(Table, CountsColumnsAndNotBytes) {
  Table table({{"n", 1}, {"x", 1}});
  table.add({"\xe5\xb1\xb1", "a"});
  table.add({"J\xc3\xb6", "b"});
  EXPECT_EQ(table.text(), " N   X\n \xe5\xb1\xb1  a\n J\xc3\xb6  b\n");
  EXPECT_EQ(display_width("e\xcc\x81"), 1u);
}

TEST(Table, GrowsByLines) {
  Table table({{"name", 6}, {"id", 4, true}});
  EXPECT_EQ(table.header(), " NAME      ID\n");
  EXPECT_EQ(table.line({"ann", "7"}, '>'), ">ann        7\n");
  EXPECT_EQ(table.line({"much longer", "7"}), " much longer     7\n");
}

}  // namespace
}  // namespace ts::cli
