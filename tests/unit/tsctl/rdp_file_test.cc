// What an .rdp file says.
#include "cmd/tsctl/rdp_file.h"

#include <gmock/gmock.h>

namespace ts::tsctl {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

TEST(RdpFile, HasEachSettingOnALineOfItsOwn) {
  RdpFile file{"host.example:3390", "LAB\\ann", 1280, 800, "xterm -e 'top: 1'"};
  auto text = rdp_file_text(file);
  ASSERT_TRUE(text);
  EXPECT_THAT(*text, StartsWith("full address:s:host.example:3390\r\nusername:s:LAB\\ann\r\n"));
  for (const char* line : {"screen mode id:i:1", "desktopwidth:i:1280", "desktopheight:i:800",
                           "alternate shell:s:xterm -e 'top: 1'", "enablecredsspsupport:i:0"})
    EXPECT_THAT(*text, HasSubstr(std::string("\r\n") + line + "\r\n"));
}

TEST(RdpFile, LeavesOutWhatIsNotGiven) {
  auto text = rdp_file_text({.address = "host"});
  ASSERT_TRUE(text);
  EXPECT_THAT(*text, HasSubstr("screen mode id:i:2\r\n"));
  for (const char* setting : {"username", "desktopwidth", "desktopheight", "alternate shell", "password"})
    EXPECT_THAT(*text, Not(HasSubstr(std::string(setting) + ":"))) << setting;
}

TEST(RdpFile, NoValueBeginsAnotherSetting) {
  for (const char* value : {"a\nfull address:s:evil", "a\r", "a\tb", "\x7f"}) {
    EXPECT_EQ(rdp_file_text({.address = value}).error().code, ErrorCode::kUsage);
    EXPECT_EQ(rdp_file_text({.address = "h", .user = value}).error().code, ErrorCode::kUsage);
    EXPECT_EQ(rdp_file_text({.address = "h", .program = value}).error().code, ErrorCode::kUsage);
  }
}

TEST(RdpFile, IsUtf16WhereAsciiIsNotEnough) {
  auto text = rdp_file_text({.address = "h", .user = "j\xc3\xb6rg"});
  ASSERT_TRUE(text);
  EXPECT_THAT(*text, StartsWith(std::string("\xff\xfe"
                                            "f\0u\0l\0l\0",
                                            10)));
  EXPECT_THAT(*text, HasSubstr(std::string("j\0\xf6\0r\0g\0\r\0\n\0", 12)));
}

TEST(RdpFile, SizesAreThoseOfDesktops) {
  RdpFile file;
  ASSERT_TRUE(read_size("200x8192", file));
  EXPECT_EQ(file.width, 200);
  EXPECT_EQ(file.height, 8192);
  for (const char* text : {"", "x", "800", "800x", "x600", "800x600x1", "199x600", "800x8193", "-800x600",
                           "800X600", " 800x600", "99999999999x600"})
    EXPECT_EQ(read_size(text, file).error().code, ErrorCode::kUsage) << text;
}

}  // namespace
}  // namespace ts::tsctl
