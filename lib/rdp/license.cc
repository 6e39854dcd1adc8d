#include "lib/rdp/license.h"

#include "lib/rdp/client_info.h"

namespace ts::rdp {
namespace {

constexpr std::uint8_t kErrorAlert = 0xFF;
// Version 3, without the bit for extended error messages: set by a server, it brought old clients down.
constexpr std::uint8_t kPreambleVersion3 = 0x03;
constexpr std::uint16_t kMessageSize =
    4 /* preamble */ + 4 /* code */ + 4 /* transition */ + 4 /* empty blob */;
constexpr std::uint32_t kStatusValidClient = 7;
constexpr std::uint32_t kNoTransition = 2;
constexpr std::uint16_t kErrorBlob = 4;

}  // namespace

void encode_valid_client(ByteWriter& writer) {
  writer.u16le(kSecLicense);
  writer.u16le(0);
  writer.u8(kErrorAlert);
  writer.u8(kPreambleVersion3);
  writer.u16le(kMessageSize);
  writer.u32le(kStatusValidClient);
  writer.u32le(kNoTransition);
  writer.u16le(kErrorBlob);
  writer.u16le(0);
}

}  // namespace ts::rdp
