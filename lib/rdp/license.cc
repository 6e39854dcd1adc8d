#include "lib/rdp/license.h"

#include "lib/rdp/client_info.h"

namespace ts::rdp {
namespace {

// Version 3, without the bit for extended error messages: set by a server, it brought old clients down.
constexpr std::uint8_t kPreambleVersion3 = 0x03;
constexpr std::size_t kPreambleSize = 4;
constexpr std::uint16_t kMessageSize = kPreambleSize + 4 /* code */ + 4 /* transition */ + 4 /* empty blob */;
constexpr std::uint16_t kErrorBlob = 4;

void write_error_alert(ByteWriter& writer, std::uint32_t code, std::uint32_t transition) {
  writer.u16le(kSecLicense);
  writer.u16le(0);
  writer.u8(static_cast<std::uint8_t>(LicenseMessageType::kErrorAlert));
  writer.u8(kPreambleVersion3);
  writer.u16le(kMessageSize);
  writer.u32le(code);
  writer.u32le(transition);
  writer.u16le(kErrorBlob);
  writer.u16le(0);
}

}  // namespace

void encode_valid_client(ByteWriter& writer) {
  write_error_alert(writer, kLicenseStatusValidClient, kLicenseNoTransition);
}

void encode_no_license(ByteWriter& writer) {
  write_error_alert(writer, kLicenseErrorNoLicense, kLicenseTotalAbort);
}

Result<LicenseMessage> decode_license_message(ByteView data) {
  ByteReader in(data);
  std::uint16_t security = in.u16le();
  in.skip(2 /* flagsHi */);
  LicenseMessage message;
  message.type = static_cast<LicenseMessageType>(in.u8());
  in.skip(1 /* flags */);
  std::size_t size = in.u16le();
  if (in.failed() || !(security & kSecLicense) || (security & kSecEncrypt)) {
    return fail(ErrorCode::kMalformed, "security header 0x{:04x} is not that of a licensing PDU", security);
  }
  if (size < kPreambleSize || size - kPreambleSize > in.remaining()) {
    return fail(ErrorCode::kMalformed, "licensing PDU of {} bytes is cut short", size);
  }
  if (message.type != LicenseMessageType::kErrorAlert) return message;
  message.error = in.u32le();
  message.transition = in.u32le();
  if (in.failed()) return fail(ErrorCode::kMalformed, "licensing error alert is cut short");
  return message;
}

std::string license_error_text(std::uint32_t error) {
  switch (error) {
    case 1:
      return "the server's licensing certificate is not valid";
    case kLicenseErrorNoLicense:
      return "there is no licence";
    case 3:
      return "a licensing message failed its check";
    case 4:
      return "the licence is for another scope";
    case 6:
      return "the server has no licence server";
    case kLicenseStatusValidClient:
      return "no licence is needed";
    case 8:
      return "the server takes no licence of this client";
    case 0xB:
      return "the licence is for another product";
    case 0xC:
      return "a licensing message had a wrong length";
    default:
      return fmt::format("licensing error {}", error);
  }
}

}  // namespace ts::rdp
