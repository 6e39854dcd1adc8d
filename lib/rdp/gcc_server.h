// The server's settings in the MCS Connect Response ([MS-RDPBCGR] 2.2.1.4.2 to 2.2.1.4.5).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "lib/base/bytes.h"

namespace ts::rdp {

struct ServerSettings {
  std::uint32_t requested_protocols = 0;         // echo of RDP_NEG_REQ; clients compare it
  bool skip_channel_join = false;                // said only to clients that offer it
  std::vector<std::uint16_t> channels;           // ids of the static channels, in the client's order
  std::optional<std::uint16_t> message_channel;  // only for clients that asked
};

/// SC_CORE (16 bytes), SC_NET (8 + 2 per channel, padded to 4), SC_MCS_MSGCHANNEL (6), and at the end, where
/// rdesktop needs it, SC_SECURITY (12: no RDP encryption under TLS).
void encode_server_settings(const ServerSettings& settings, Bytes& out);

}  // namespace ts::rdp
