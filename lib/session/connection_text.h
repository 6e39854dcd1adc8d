// A connection's id as text: 32 hexadecimal digits. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "lib/session/types.h"

namespace ts::session {

std::string connection_text(const ConnectionId& id);
std::optional<ConnectionId> connection_from(std::string_view text);

}  // namespace ts::session
