#include "lib/session/connection_text.h"

#include <fmt/format.h>

#include <charconv>

namespace ts::session {
namespace {

template <typename Array>
std::string text_of(const Array& bytes) {
  std::string out;
  for (auto byte : bytes) out += fmt::format("{:02x}", static_cast<unsigned>(byte));
  return out;
}

template <typename Array>
std::optional<Array> bytes_from(std::string_view text) {
  Array out{};
  if (text.size() != 2 * out.size()) return std::nullopt;
  for (std::size_t i = 0; i < out.size(); ++i) {
    std::uint8_t value = 0;
    auto [end, error] = std::from_chars(text.data() + 2 * i, text.data() + 2 * i + 2, value, 16);
    if (error != std::errc() || end != text.data() + 2 * i + 2) return std::nullopt;
    out[i] = static_cast<typename Array::value_type>(value);
  }
  return out;
}

}  // namespace

std::string connection_text(const ConnectionId& id) {
  return text_of(id);
}

std::optional<ConnectionId> connection_from(std::string_view text) {
  return bytes_from<ConnectionId>(text);
}

std::string proof_text(const ReconnectProof& proof) {
  return text_of(proof);
}

std::optional<ReconnectProof> proof_from(std::string_view text) {
  return bytes_from<ReconnectProof>(text);
}

}  // namespace ts::session
