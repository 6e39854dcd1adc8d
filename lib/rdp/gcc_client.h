// The client's settings in the MCS Connect Initial ([MS-RDPBCGR] 2.2.1.3.2 to 2.2.1.3.9).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lib/base/bytes.h"
#include "lib/base/result.h"
#include "lib/rdp/events.h"

namespace ts::rdp {

inline constexpr std::size_t kMaxStaticChannels = 31;
inline constexpr std::size_t kMaxMonitors = 16;

// earlyCapabilityFlags ([MS-RDPBCGR] 2.2.1.3.2).
inline constexpr std::uint16_t kEarlyErrorInfo = 0x0001;
inline constexpr std::uint16_t kEarlyWant32Bpp = 0x0002;
inline constexpr std::uint16_t kEarlyValidConnectionType = 0x0020;
inline constexpr std::uint16_t kEarlySkipChannelJoin = 0x0800;

// Flags of TS_UD_CS_CLUSTER ([MS-RDPBCGR] 2.2.1.3.5).
inline constexpr std::uint32_t kRedirectionSupported = 0x01;
inline constexpr std::uint32_t kRedirectionVersion4 = 3 << 2;

/// TS_UD_CS_CORE: 128 bytes that must be there, then fields of which any number of the last may be missing.
struct ClientCore {
  std::uint32_t version = 0;
  std::uint16_t width = 0, height = 0;
  std::uint16_t color_depth = 0;  // 0xCA00 and on
  std::uint32_t keyboard_layout = 0;
  std::uint32_t build = 0;
  std::string name;
  std::uint32_t keyboard_type = 0;
  std::uint32_t keyboard_subtype = 0;
  std::optional<std::uint16_t> post_beta2_color_depth;  // 0xCA00 and on
  std::optional<std::uint16_t> high_color_depth;        // bits per pixel
  std::uint16_t early_flags = 0;
  std::uint8_t connection_type = 0;
  std::optional<std::uint32_t> selected_protocol;
  std::uint32_t desktop_scale = 0;  // percent; 0 and what is not 100 to 500: to be ignored
};

struct ClientChannel {
  std::string name;
  std::uint32_t options = 0;
};

struct ClientSettings {
  ClientCore core;
  std::vector<ClientChannel> channels;  // TS_UD_CS_NET
  std::uint32_t cluster_flags = 0;      // TS_UD_CS_CLUSTER
  std::uint32_t redirected_session = 0;
  std::vector<Monitor> monitors;       // TS_UD_CS_MONITOR
  bool wants_message_channel = false;  // TS_UD_CS_MCS_MSGCHANNEL
};

/// All blocks; TS_UD_CS_CORE must be among them, a block may occur once, unknown ones are skipped.
[[nodiscard]] Result<ClientSettings> decode_client_settings(ByteView blocks);

/// The client's half. What the structs above do not name is written as any client of today does: no RDP
/// encryption, depths of 15 to 32 bits. Text that is too long is cut.
void encode_client_settings(const ClientSettings& settings, Bytes& out);

/// Core settings that ask for this depth (8, 15, 16, 24 or 32): requested_depth() gives it back.
void ask_for_depth(std::uint16_t depth, ClientCore& core);

/// The session's bits per pixel that the core settings ask for: 8, 15, 16, 24 or 32.
std::uint16_t requested_depth(const ClientCore& core);

}  // namespace ts::rdp
