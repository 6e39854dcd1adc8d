// Fixed-size binary messages between our own processes on one host (SEQPACKET sockets): a message is one
// trivially copyable struct that starts with its type. What runs as root reads these and parses nothing else.
//
//   struct EndHost { static constexpr MessageType kType = 2; MessageHeader header{kType}; std::uint32_t
//   session_id; }; if (auto message = message_as<EndHost>(packet)) ...
//
// Programs of two versions talk to each other while one is upgraded under running sessions. A message may
// therefore grow, at its end: what an older program does not send has its default, what a newer one sends
// beyond ours is not looked at. One that has grown says how long it was at first:
//
//   static constexpr std::size_t kFirstSize = 16;
//
// Anything else that changes a message takes a new type. tests/unit/session/wire_test.cc holds all of them to
// that.
//
// INVARIANT: a packet is accepted as T only if its type is T::kType and it is at least as long as T was at
// first; no byte beyond T is copied.
#pragma once

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include "lib/base/bytes.h"

namespace ts {

using MessageType = std::uint32_t;

struct MessageHeader {
  MessageType type = 0;
};

/// Text of at most N-1 bytes inside a message, NUL-terminated; longer text is cut.
template <std::size_t N>
struct FixedText {
  std::array<char, N> data{};

  FixedText() = default;
  explicit FixedText(std::string_view text) { assign(text); }
  void assign(std::string_view text) {
    data.fill(0);
    text.copy(data.data(), N - 1);
  }
  /// Ends at the first NUL; never reads past the array, whatever the peer put there.
  std::string_view view() const { return {data.data(), ::strnlen(data.data(), N)}; }
  std::string str() const { return std::string(view()); }
  bool empty() const { return data[0] == 0; }
};

template <typename T>
ByteView message_bytes(const T& message) {
  static_assert(std::is_trivially_copyable_v<T>);
  return std::as_bytes(std::span(&message, 1));
}

/// The type of a packet, or 0 when it is too short to have one.
inline MessageType message_type(ByteView packet) {
  MessageHeader header;
  if (packet.size() < sizeof header) return 0;
  std::memcpy(&header, packet.data(), sizeof header);
  return header.type;
}

/// How long a T has to be at least, in bytes.
template <typename T>
constexpr std::size_t least_size() {
  if constexpr (requires { T::kFirstSize; }) {
    static_assert(T::kFirstSize < sizeof(T));
    return T::kFirstSize;
  } else {
    return sizeof(T);
  }
}

template <typename T>
std::optional<T> message_as(ByteView packet) {
  static_assert(std::is_trivially_copyable_v<T>);
  if (packet.size() < least_size<T>() || message_type(packet) != T::kType) return std::nullopt;
  T message;
  std::memcpy(&message, packet.data(), std::min(packet.size(), sizeof(T)));
  return message;
}

}  // namespace ts
