#include "cmd/tsctl/rdp_file.h"

#include <algorithm>
#include <charconv>

#include "lib/base/log.h"
#include "lib/base/utf.h"

namespace ts::tsctl {
namespace {

// Of a desktop: [MS-RDPBCGR] 2.2.1.3.2, desktopWidth and desktopHeight.
constexpr int kMinSize = 200, kMaxSize = 8192;

bool number_in(std::string_view text, int& out) {
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end == text.data() + text.size();
}

Result<> check_line(const char* option, const std::string& value) {
  bool clean = std::none_of(value.begin(), value.end(),
                            [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
  if (clean) return {};
  return fail(ErrorCode::kUsage, "{} '{}' has control characters, which an .rdp file cannot hold", option,
              log::escaped(value));
}

}  // namespace

Result<> read_size(const std::string& text, RdpFile& file) {
  auto x = text.find('x');
  bool good = x != text.npos && number_in(std::string_view(text).substr(0, x), file.width) &&
              number_in(std::string_view(text).substr(x + 1), file.height);
  good =
      good && std::min(file.width, file.height) >= kMinSize && std::max(file.width, file.height) <= kMaxSize;
  if (good) return {};
  return fail(ErrorCode::kUsage, "--session-size '{}' is not WIDTHxHEIGHT with {} to {} pixels each way",
              log::escaped(text), kMinSize, kMaxSize);
}

Result<std::string> rdp_file_text(const RdpFile& file) {
  TS_TRY(check_line("--address", file.address));
  TS_TRY(check_line("--user", file.user));
  TS_TRY(check_line("--program", file.program));
  std::string text;
  auto line = [&](const std::string& setting) { text += setting + "\r\n"; };
  line("full address:s:" + file.address);
  if (!file.user.empty()) line("username:s:" + file.user);
  line(file.width > 0 ? "screen mode id:i:1" : "screen mode id:i:2");
  if (file.width > 0) {
    line(fmt::format("desktopwidth:i:{}", file.width));
    line(fmt::format("desktopheight:i:{}", file.height));
  }
  line("session bpp:i:32");
  if (!file.program.empty()) line("alternate shell:s:" + file.program);
  // The server speaks TLS without NLA: the client asks for the password itself and warns of an unknown
  // certificate.
  line("enablecredsspsupport:i:0");
  line("prompt for credentials:i:1");
  line("authentication level:i:2");
  line("autoreconnection enabled:i:1");
  bool ascii =
      std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  if (ascii) return text;
  std::string wide = "\xff\xfe";
  for (std::byte byte : utf8_to_utf16le(text)) wide += static_cast<char>(byte);
  return wide;
}

}  // namespace ts::tsctl
