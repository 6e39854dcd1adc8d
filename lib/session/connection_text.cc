#include "lib/session/connection_text.h"

#include <fmt/format.h>

#include <charconv>

namespace ts::session {

std::string connection_text(const ConnectionId& id) {
  std::string out;
  for (auto byte : id) out += fmt::format("{:02x}", byte);
  return out;
}

std::optional<ConnectionId> connection_from(std::string_view text) {
  ConnectionId id;
  if (text.size() != 2 * id.size()) return std::nullopt;
  for (std::size_t i = 0; i < id.size(); ++i) {
    auto [end, error] = std::from_chars(text.data() + 2 * i, text.data() + 2 * i + 2, id[i], 16);
    if (error != std::errc() || end != text.data() + 2 * i + 2) return std::nullopt;
  }
  return id;
}

}  // namespace ts::session
