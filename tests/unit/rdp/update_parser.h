// Undoes the framing of updates, as a client does.
#pragma once

#include <gtest/gtest.h>

#include "lib/rdp/tpkt.h"
#include "lib/rdp/update_writer.h"
#include "tests/unit/rdp/client_bytes.h"

namespace ts::rdp::test {

/// A client of our days: fast-path, all pointers, large fragments.
inline ClientCapabilities modern() {
  return {.fast_path_output = true,
          .no_bitmap_compression_header = true,
          .color_pointer_cache = 20,
          .pointer_cache = 20,
          .pointer_96 = true,
          .pointer_384 = true,
          .max_fragmented_update = 608299};
}

struct Update {
  int code = 0;  // fast-path updateCode, or pduType2 of the slow path
  Bytes data;
  std::size_t pdus = 1;
};

// Undoes the framing, as a client does: one update per fast-path PDU, fragments joined.
inline std::vector<Update> parse(const Bytes& out) {
  std::vector<Update> updates;
  ByteView rest(out);
  bool open = false;
  while (!rest.empty()) {
    auto size = pdu_size(rest);
    EXPECT_TRUE(size && *size && **size <= rest.size());
    ByteReader in(rest.first(**size));
    rest = rest.subspan(**size);
    if (in.peek() == 3) {
      EXPECT_FALSE(open);
      EXPECT_LE(**size, 15 + 0x3FFFu);
      in.skip(4 + 3 + 6 + 2 + 6 + 8);
      Update update{.code = in.u8()};
      in.skip(3);
      auto data = in.rest();
      update.data.assign(data.begin(), data.end());
      updates.push_back(update);
      continue;
    }
    EXPECT_LE(**size, 0x3FFFu);
    EXPECT_GE(**size, 4u);
    in.skip(3);
    std::uint8_t header = in.u8();
    std::size_t length = in.u16le();
    EXPECT_EQ(length, in.remaining());
    auto data = in.rest();
    int fragment = header >> 4;
    EXPECT_EQ(open, fragment == 1 || fragment == 3) << "a fragment out of order";
    if (fragment == 0 || fragment == 2) {
      updates.push_back({.code = header & 0x0F, .data = Bytes(data.begin(), data.end())});
    } else {
      EXPECT_EQ(updates.back().code, header & 0x0F);
      updates.back().data.insert(updates.back().data.end(), data.begin(), data.end());
      ++updates.back().pdus;
    }
    open = fragment == 2 || fragment == 3;
  }
  EXPECT_FALSE(open);
  return updates;
}

}  // namespace ts::rdp::test
