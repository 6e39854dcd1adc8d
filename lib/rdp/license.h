// The licensing phase as far as it goes without licences ([MS-RDPBCGR] 2.2.1.12, [MS-RDPELE] 2.2.2): a server
// without licensing ends it at once with the error alert that says "valid client"; a client that wants no
// licence says so with another one. What a licence request holds is not looked at.
#pragma once

#include "lib/base/bytes.h"
#include "lib/base/result.h"

namespace ts::rdp {

/// dwErrorCode of error alerts ([MS-RDPBCGR] 2.2.1.12.1.3): those that are named here.
inline constexpr std::uint32_t kLicenseErrorNoLicense = 2;
inline constexpr std::uint32_t kLicenseStatusValidClient = 7;

/// dwStateTransition ([MS-RDPELE] 3.1.5.2).
inline constexpr std::uint32_t kLicenseTotalAbort = 1;
inline constexpr std::uint32_t kLicenseNoTransition = 2;

/// LICENSE_VALID_CLIENT_DATA with its security header: 20 bytes, for the I/O channel.
void encode_valid_client(ByteWriter& writer);

/// The client's "I have no licence and end this phase", with its security header: 20 bytes. What comes of it
/// is the server's decision ([MS-RDPELE] 3.1.5.2).
void encode_no_license(ByteWriter& writer);

enum class LicenseMessageType : std::uint8_t {  // bMsgType ([MS-RDPBCGR] 2.2.1.12.1.1)
  kRequest = 0x01,
  kPlatformChallenge = 0x02,
  kNewLicense = 0x03,
  kUpgradeLicense = 0x04,
  kErrorAlert = 0xFF
};
struct LicenseMessage {
  LicenseMessageType type = LicenseMessageType::kErrorAlert;  // may hold a number that has no name here
  std::uint32_t error = 0;                                    // of an error alert
  std::uint32_t transition = 0;
};
/// `data` is what MCS carries: security header, preamble, message.
[[nodiscard]] Result<LicenseMessage> decode_license_message(ByteView data);

/// "the server has no licence server", for a dwErrorCode.
std::string license_error_text(std::uint32_t error);

}  // namespace ts::rdp
