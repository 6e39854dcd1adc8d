// Client and server settings blocks of the GCC exchange.
#include <gtest/gtest.h>

#include "lib/rdp/gcc_client.h"
#include "lib/rdp/gcc_server.h"
#include "tests/unit/rdp/client_bytes.h"

namespace ts::rdp {
namespace {

using test::ClientShape;
using test::hex;

TEST(ClientSettings, WholeSet) {
  ClientShape shape;
  shape.cluster_flags = 0x0F;
  shape.session = 5;
  Bytes blocks = test::client_blocks(shape);
  ByteWriter writer(blocks);
  test::settings_block(writer, 0xC005, hex("00000000 01000000 00000000 FFFFFFFF FF030000 FF020000 01000000"));
  auto settings = decode_client_settings(blocks);
  ASSERT_TRUE(settings.has_value()) << settings.error().message;
  EXPECT_EQ(settings->core.name, "client");
  EXPECT_EQ(settings->core.width, 1024);
  EXPECT_EQ(settings->core.height, 768);
  EXPECT_EQ(settings->core.keyboard_layout, 0x407u);
  EXPECT_EQ(settings->core.keyboard_type, 4u);
  EXPECT_EQ(settings->core.keyboard_subtype, 2u);
  EXPECT_EQ(settings->core.build, 18363u);
  EXPECT_EQ(settings->core.early_flags, 0x04E3);
  EXPECT_EQ(settings->core.connection_type, 6);
  EXPECT_EQ(settings->core.selected_protocol, 1u);
  ASSERT_EQ(settings->channels.size(), 3u);
  EXPECT_EQ(settings->channels[2].name, "cliprdr");
  EXPECT_EQ(settings->channels[2].options, 0xC0800000u);
  EXPECT_EQ(settings->cluster_flags, 0x0Fu);
  EXPECT_EQ(settings->redirected_session, 5u);
  EXPECT_TRUE(settings->wants_message_channel);
  ASSERT_EQ(settings->monitors.size(), 1u);
  EXPECT_EQ(settings->monitors[0].top, -1);
  EXPECT_EQ(settings->monitors[0].right, 1023);
  EXPECT_TRUE(settings->monitors[0].primary);
}

TEST(ClientSettings, CoreMayEndAfterAnyOptionalField) {
  for (std::size_t size = 128; size <= 230; ++size) {
    ClientShape shape;
    shape.core_size = size;
    auto settings = decode_client_settings(test::client_blocks(shape));
    ASSERT_TRUE(settings.has_value()) << size << ": " << settings.error().message;
    EXPECT_EQ(settings->core.post_beta2_color_depth.has_value(), size >= 130);
    EXPECT_EQ(settings->core.high_color_depth.has_value(), size >= 138);
    EXPECT_EQ(settings->core.early_flags != 0, size >= 142);
    EXPECT_EQ(settings->core.selected_protocol.has_value(), size >= 212);
  }
  ClientShape shape;
  shape.core_size = 127;
  EXPECT_FALSE(decode_client_settings(test::client_blocks(shape)).has_value());
}

TEST(ClientSettings, EveryTruncationIsMalformedOrLacksBlocks) {
  Bytes whole = test::client_blocks({});
  std::size_t core = 234;
  std::size_t ends[] = {core, core + 12, core + 24, core + 24 + 44};
  for (std::size_t size = 0; size < whole.size(); ++size) {
    bool at_block = std::find(std::begin(ends), std::end(ends), size) != std::end(ends);
    EXPECT_EQ(decode_client_settings(ByteView(whole).first(size)).has_value(), at_block) << size;
  }
}

TEST(ClientSettings, RefusesTooManyAndTwice) {
  ClientShape shape;
  shape.channels.assign(31, "x");
  EXPECT_EQ(decode_client_settings(test::client_blocks(shape))->channels.size(), 31u);
  shape.channels.assign(32, "x");
  EXPECT_FALSE(decode_client_settings(test::client_blocks(shape)).has_value());

  Bytes twice = test::client_blocks({});
  ByteWriter writer(twice);
  test::settings_block(writer, 0xC004, Bytes(8));
  EXPECT_FALSE(decode_client_settings(twice).has_value());

  for (auto block :
       {"05C0 0C00 00000000 11000000", "05C0 0C00 00000000 01000000", "0000 0300", "04C0 0800 00000000"}) {
    Bytes bad = test::client_blocks({});
    if (std::string_view(block).starts_with("04C0")) bad = Bytes(bad.begin(), bad.begin() + 234);
    Bytes more = hex(block);
    bad.insert(bad.end(), more.begin(), more.end());
    EXPECT_FALSE(decode_client_settings(bad).has_value()) << block;
  }
}

TEST(ClientSettings, UnknownBlocksAreSkipped) {
  Bytes blocks = test::client_blocks({});
  ByteWriter writer(blocks);
  test::settings_block(writer, 0xC0FF, Bytes(300));
  EXPECT_TRUE(decode_client_settings(blocks).has_value());
}

TEST(ClientSettings, Depth) {
  struct Case {
    std::uint16_t color, post_beta2, high, flags;
    std::size_t core_size;
    std::uint16_t depth;
  };
  for (auto c : {Case{0xCA01, 0xCA01, 24, 0x0002, 230, 32}, Case{0xCA01, 0xCA01, 24, 0, 230, 24},
                 Case{0xCA01, 0xCA03, 16, 0, 230, 16}, Case{0xCA01, 0xCA03, 15, 0, 230, 15},
                 Case{0xCA01, 0xCA03, 8, 0, 230, 8}, Case{0xCA01, 0xCA03, 4, 0, 230, 8},
                 Case{0xCA01, 0xCA03, 99, 0, 230, 16}, Case{0xCA01, 0xCA02, 24, 0, 130, 15},
                 Case{0xCA01, 0xCA04, 24, 0, 130, 24}, Case{0xCA01, 0xCA00, 24, 0, 130, 8},
                 Case{0xCA03, 0, 24, 0, 128, 16}, Case{7, 7, 7, 0, 230, 8}}) {
    ClientShape shape;
    shape.color_depth = c.color;
    shape.post_beta2_depth = c.post_beta2;
    shape.high_color_depth = c.high;
    shape.early_flags = c.flags;
    shape.core_size = c.core_size;
    EXPECT_EQ(requested_depth(decode_client_settings(test::client_blocks(shape))->core), c.depth)
        << c.high << " " << c.post_beta2 << " " << c.core_size;
  }
}

TEST(ServerSettings, SecurityIsLastAndOddChannelCountsArePadded) {
  Bytes out;
  encode_server_settings({.requested_protocols = 3, .channels = {1004, 1005, 1006}, .message_channel = 1007},
                         out);
  EXPECT_EQ(out, hex("010C 1000 04000800 03000000 00000000"
                     "030C 1000 EB03 0300 EC03 ED03 EE03 0000"
                     "040C 0600 EF03"
                     "020C 0C00 00000000 00000000"));
  out.clear();
  encode_server_settings({.requested_protocols = 1, .skip_channel_join = true}, out);
  EXPECT_EQ(out, hex("010C 1000 04000800 01000000 08000000 030C 0800 EB03 0000 020C 0C00 00000000 00000000"));
}

}  // namespace
}  // namespace ts::rdp
