// Client Info PDU ([MS-RDPBCGR] 2.2.1.11): who logs on, with what, to start what. Also the basic security
// header (2.2.8.1.1.2.1) that it and the licensing PDUs carry even under TLS.
#pragma once

#include "lib/base/bytes.h"
#include "lib/base/result.h"
#include "lib/rdp/events.h"

namespace ts::rdp {

inline constexpr std::uint16_t kSecEncrypt = 0x0008;
inline constexpr std::uint16_t kSecInfo = 0x0040;
inline constexpr std::uint16_t kSecLicense = 0x0080;

// Flags of TS_INFO_PACKET ([MS-RDPBCGR] 2.2.1.11.1.1).
inline constexpr std::uint32_t kInfoMouse = 0x00000001;
inline constexpr std::uint32_t kInfoDisableCtrlAltDel = 0x00000002;
inline constexpr std::uint32_t kInfoAutologon = 0x00000008;
inline constexpr std::uint32_t kInfoUnicode = 0x00000010;
inline constexpr std::uint32_t kInfoMaximizeShell = 0x00000020;
inline constexpr std::uint32_t kInfoLogonNotify = 0x00000040;
inline constexpr std::uint32_t kInfoRemoteAudio = 0x00002000;
inline constexpr std::uint32_t kInfoLogonErrors = 0x00010000;
inline constexpr std::uint32_t kInfoNoAudio = 0x00080000;

/// The longest of each text, in bytes without terminator ([MS-RDPBCGR] 2.2.1.11.1.1 and .1.1.1).
inline constexpr std::size_t kMaxInfoText = 510;

/// `data` is what MCS carries: security header, TS_INFO_PACKET, perhaps TS_EXTENDED_INFO_PACKET, of which any
/// number of the last fields may be missing.
[[nodiscard]] Result<ClientInfo> decode_client_info(ByteView data);

/// The client's half: all of it, with `flags.raw`, in Unicode and with the reconnect cookie if there is one.
/// kUsage, and nothing written, for a text longer than kMaxInfoText or with a NUL. `out` then holds the
/// password: wipe it.
[[nodiscard]] Result<> encode_client_info(const ClientInfo& info, Bytes& out);

}  // namespace ts::rdp
