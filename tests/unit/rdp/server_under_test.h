// An acceptor with all it said and told, fed as a driver feeds it; and its PDUs in words.
#pragma once

#include <gtest/gtest.h>

#include "lib/rdp/acceptor.h"
#include "lib/rdp/tpkt.h"
#include "tests/unit/rdp/client_bytes.h"

namespace ts::rdp::test {

// An acceptor with what it said; every PDU is also cut by frame_size(), as a driver does it.
struct Server {
  Acceptor acceptor;
  Bytes out;
  std::vector<Event> events;

  explicit Server(AcceptorOptions options = {}) : acceptor(options) {}

  Result<> feed(const Bytes& pdu) {
    auto size = acceptor.frame_size(pdu);
    if (!size) return pass(size.error());
    EXPECT_EQ(*size, pdu.size());
    return acceptor.step(pdu, out, events);
  }
  void play(const std::vector<Bytes>& pdus) {
    for (const auto& pdu : pdus) {
      auto result = feed(pdu);
      ASSERT_TRUE(result.has_value()) << acceptor.state_name() << ": " << result.error().message;
    }
  }
  template <typename E>
  std::vector<const E*> all() const {
    std::vector<const E*> found;
    for (const auto& event : events) {
      if (auto* match = std::get_if<E>(&event)) found.push_back(match);
    }
    return found;
  }
  template <typename E>
  const E* one() const {
    auto found = all<E>();
    EXPECT_EQ(found.size(), 1u);
    return found.size() == 1 ? found[0] : nullptr;
  }
  Bytes take() { return std::exchange(out, {}); }
};

// What the server sent, in words: one per PDU.
inline std::vector<std::string> said(ByteView out) {
  std::vector<std::string> words;
  while (!out.empty()) {
    auto size = pdu_size(out);
    EXPECT_TRUE(size && *size && **size <= out.size());
    ByteReader in(out.first(**size));
    out = out.subspan(**size);
    if (in.peek() != 3) {
      in.skip(3);
      words.push_back(fmt::format("fast {:x}", in.u8()));
      continue;
    }
    in.skip(4 + 1);
    std::uint8_t code = in.u8();
    if (code == 0xD0) {
      words.push_back("confirm");
      continue;
    }
    in.skip(1);
    std::uint8_t mcs = in.u8();
    if (mcs != 0x68) {
      words.push_back(fmt::format("mcs {:02x}{:02x}", mcs, in.u8()));
      continue;
    }
    in.skip(2);
    EXPECT_EQ(in.u16be(), 1003);
    in.skip(3);
    std::uint16_t length = in.u16le();
    std::uint16_t type = in.u16le();
    if (length == 0x80 && type == 0) {
      words.push_back("license");
      continue;
    }
    in.skip(2);
    if ((type & 0x0F) != 7) {
      words.push_back(fmt::format("share {:x}", type & 0x0F));
      continue;
    }
    in.skip(8);
    words.push_back(fmt::format("data {:02x}", in.u8()));
  }
  return words;
}
using Words = std::vector<std::string>;

}  // namespace ts::rdp::test
