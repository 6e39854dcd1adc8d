// A connection's id, and what is proved for it, as text: two hexadecimal digits a byte. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "lib/session/reconnect_cookie.h"
#include "lib/session/types.h"

namespace ts::session {

std::string connection_text(const ConnectionId& id);
std::optional<ConnectionId> connection_from(std::string_view text);

std::string proof_text(const ReconnectProof& proof);
std::optional<ReconnectProof> proof_from(std::string_view text);

}  // namespace ts::session
