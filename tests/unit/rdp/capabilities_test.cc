// Demand Active as clients check it, Confirm Active as they send it.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "lib/rdp/capabilities.h"
#include "tests/unit/rdp/client_bytes.h"

namespace ts::rdp {
namespace {

using test::ClientShape;
using test::hex;

// The sets of a Demand Active; checks every length on the way.
std::map<std::uint16_t, Bytes> demanded(std::uint16_t width, std::uint16_t height, std::uint16_t depth) {
  Bytes out;
  encode_demand_active(width, height, depth, out);
  ByteReader in(out);
  in.skip(2);
  EXPECT_EQ(in.u16be(), out.size());
  in.skip(3 + 6);
  std::size_t mcs = in.u16be() & 0x3FFF;
  EXPECT_EQ(mcs, in.remaining());
  EXPECT_EQ(in.u16le(), mcs);  // totalLength: FreeRDP wants every byte accounted for
  EXPECT_EQ(in.u16le(), 0x11);
  EXPECT_EQ(in.u16le(), 0x03EA);
  in.skip(4);
  EXPECT_EQ(in.u16le(), 4);
  std::size_t combined = in.u16le();
  in.skip(4);
  EXPECT_EQ(combined + 4 /* sessionId */, in.remaining());
  std::size_t count = in.u16le();
  in.skip(2);
  std::map<std::uint16_t, Bytes> sets;
  for (std::size_t i = 0; i < count; ++i) {
    std::uint16_t type = in.u16le();
    std::size_t length = in.u16le();
    auto body = in.take(length - 4);
    EXPECT_TRUE(sets.emplace(type, Bytes(body.begin(), body.end())).second);
  }
  in.skip(4);
  EXPECT_TRUE(in.ok() && in.at_end());
  return sets;
}

TEST(DemandActive, HoldsTheSetsThatClientsNeedAndNoneTheyRefuse) {
  auto sets = demanded(1024, 768, 32);
  std::map<std::uint16_t, std::size_t> sizes;
  for (const auto& [type, body] : sets) sizes[type] = body.size();
  EXPECT_EQ(sizes,
            (std::map<std::uint16_t, std::size_t>{
                {1, 20}, {2, 24}, {3, 84}, {8, 6}, {9, 4}, {13, 84}, {14, 4}, {20, 8}, {26, 4}, {27, 2}}));
  for (int forbidden : {4, 5, 7, 12, 15, 16, 17, 19, 21}) EXPECT_FALSE(sets.contains(forbidden)) << forbidden;
}

TEST(DemandActive, Contents) {
  auto sets = demanded(1024, 768, 15);
  EXPECT_EQ(sets[2], hex("0F00 0100 0100 0100 0004 0003 0000 0100 0100 00 08 0100 0000"));
  EXPECT_EQ(sets[1], hex("0400 0700 0002 0000 0000 0D04 0000 0000 0000 01 01"));
  Bytes order_support(sets[3].begin() + 36, sets[3].begin() + 68);
  EXPECT_EQ(order_support, Bytes(32));  // FreeRDP draws only what both sides named
  EXPECT_EQ(sets[8], hex("0100 1400 1400"));
  EXPECT_EQ(Bytes(sets[13].begin(), sets[13].begin() + 2), hex("3D01"));
}

TEST(ConfirmActive, Summary) {
  ClientShape shape;
  auto caps = decode_confirm_active(test::confirm_active(shape));
  ASSERT_TRUE(caps.has_value()) << caps.error().message;
  EXPECT_EQ(caps->os_major, 4);
  EXPECT_EQ(caps->os_minor, 7);
  EXPECT_TRUE(caps->fast_path_output);
  EXPECT_TRUE(caps->long_credentials);
  EXPECT_FALSE(caps->auto_reconnect);
  EXPECT_TRUE(caps->no_bitmap_compression_header);
  EXPECT_TRUE(caps->refresh_rect);
  EXPECT_TRUE(caps->suppress_output);
  EXPECT_EQ(caps->preferred_depth, 32);
  EXPECT_EQ(caps->width, 1024);
  EXPECT_EQ(caps->height, 768);
  EXPECT_TRUE(caps->desktop_resize);
  EXPECT_TRUE(caps->skip_alpha);
  EXPECT_EQ(caps->color_pointer_cache, 20);
  EXPECT_EQ(caps->pointer_cache, 20);
  EXPECT_TRUE(caps->pointer_96);
  EXPECT_TRUE(caps->pointer_384);
  EXPECT_EQ(caps->input_flags, 0x3D);
  EXPECT_EQ(caps->keyboard_layout, 0x407u);
  EXPECT_EQ(caps->max_fragmented_update, 608299u);
}

TEST(ConfirmActive, EveryTruncationIsMalformed) {
  Bytes whole = test::confirm_active({});
  for (std::size_t size = 0; size < whole.size(); ++size) {
    Bytes part(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_FALSE(decode_confirm_active(part).has_value()) << size;
  }
}

TEST(ConfirmActive, ShortPointerSetMeansColorPointersOnly) {
  Bytes body = hex("EA030100 EA03 0000 0000 0100 0000 0800 0800 0100 1400");
  auto caps = decode_confirm_active(body);
  ASSERT_TRUE(caps.has_value()) << caps.error().message;
  EXPECT_EQ(caps->color_pointer_cache, 20);
  EXPECT_EQ(caps->pointer_cache, 0);
}

TEST(ConfirmActive, BadSetsAreMalformed) {
  for (auto sets : {"4100 0000" /* 65 of them */, "0100 0000 0100 0300", "0100 0000 0100 0800 00000000",
                    "0100 0000 0200 0600 2000", "0200 0000 0900 0400"}) {
    Bytes body = hex("EA030100 EA03 0000 0000");
    Bytes more = hex(sets);
    body.insert(body.end(), more.begin(), more.end());
    EXPECT_FALSE(decode_confirm_active(body).has_value()) << sets;
  }
}

}  // namespace
}  // namespace ts::rdp
