// Codes of a server in words: Set Error Info ([MS-RDPBCGR] 2.2.5.1.1), logon errors (2.2.10.1.1.4.1.1),
// reasons of the Disconnect Provider Ultimatum (T.125 7) and of negotiation failures (2.2.1.2.2). Parts of
// sentences, lower case, without the number.
#pragma once

#include <cstdint>
#include <string>

namespace ts::rdp {

std::string error_info_text(std::uint32_t code);
std::string logon_error_text(std::uint32_t type, std::uint32_t data);
/// Whether a logon error means that these credentials log nobody on here; others only tell how far it is.
bool logon_error_is_final(std::uint32_t type, std::uint32_t data);
std::string ultimatum_text(std::uint8_t reason);
std::string negotiation_failure_text(std::uint32_t code);

}  // namespace ts::rdp
