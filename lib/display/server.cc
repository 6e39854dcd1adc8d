#include "lib/display/server.h"

#include "lib/base/bytes.h"

namespace ts::display {

std::string xauthority_entry(int display, const Cookie& cookie) {
  // Xau's file format: everything big-endian with 16-bit lengths. FamilyWild matches whatever the host is
  // called.
  constexpr std::uint16_t kFamilyWild = 0xffff;
  constexpr std::string_view kProtocol = "MIT-MAGIC-COOKIE-1";
  Bytes out;
  ByteWriter writer(out);
  auto counted = [&](std::string_view text) {
    writer.u16be(static_cast<std::uint16_t>(text.size()));
    writer.text(text);
  };
  writer.u16be(kFamilyWild);
  counted("");
  counted(display < 0 ? "" : std::to_string(display));
  counted(kProtocol);
  writer.u16be(static_cast<std::uint16_t>(cookie.size()));
  writer.bytes(cookie);
  return {reinterpret_cast<const char*>(out.data()), out.size()};
}

}  // namespace ts::display
