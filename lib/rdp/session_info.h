// What the server tells about the session while it runs: Save Session Info ([MS-RDPBCGR] 2.2.10.1), Set Error
// Info (2.2.5.1.1), Shutdown Request Denied (2.2.2.2), Set Keyboard Indicators (2.2.8.2.1). Each appends one
// whole PDU. Below, the client's half.
#pragma once

#include <cstdint>
#include <string_view>

#include "lib/base/bytes.h"
#include "lib/base/result.h"
#include "lib/rdp/connector_events.h"

namespace ts::rdp {

// infoType, and of the extended info the FieldsPresent and the pad after all fields (2.2.10.1.1.4).
inline constexpr std::uint32_t kInfoExtended = 3;
inline constexpr std::uint32_t kFieldReconnectCookie = 0x1;
inline constexpr std::uint32_t kFieldLogonErrors = 0x2;
inline constexpr std::size_t kExtendedPad = 570;

/// This user is logged on: the long form (infoType 1) when the client knows it, else the fixed one (0). Names
/// too long for the form are cut: 256 characters of user, 26 of domain, with terminators.
void encode_logon_info(bool long_form, std::uint32_t session_id, std::string_view user,
                       std::string_view domain, Bytes& out);
/// Extended info (infoType 3) with the logon errors field.
void encode_logon_error(std::uint32_t type, std::uint32_t data, Bytes& out);

void encode_set_error_info(std::uint32_t error_info, Bytes& out);
void encode_shutdown_denied(Bytes& out);
/// ledFlags: 1 scroll, 2 num, 4 caps, 8 kana.
void encode_keyboard_indicators(std::uint16_t locks, Bytes& out);

/// `body` of a Save Session Info data PDU: appends LoggedOn, ServerReconnectCookie or LogonError, or nothing
/// for what is neither (types yet to be invented).
[[nodiscard]] Result<> decode_session_info(ByteView body, std::vector<ServerEvent>& events);
/// `body` of a Set Error Info data PDU.
[[nodiscard]] Result<std::uint32_t> decode_set_error_info(ByteView body);

}  // namespace ts::rdp
