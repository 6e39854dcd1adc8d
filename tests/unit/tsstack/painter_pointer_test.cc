// Cursors of the session become pointers of the client: what the codec makes fits what the protocol checks,
// for every kind of client; a shape that the client keeps is sent once.
#include <gtest/gtest.h>

#include "cmd/tsstack/painter.h"
#include "tests/unit/rdp/update_parser.h"

namespace ts::stack {
namespace {

using rdp::test::modern;
using rdp::test::parse;

constexpr int kHidden = 0x5, kColor = 0x9, kCached = 0xA, kNew = 0xB;

Cursor cursor(std::uint32_t serial, int width, int height, std::uint32_t pixel = 0xffffffff) {
  return {.serial = serial,
          .width = static_cast<std::uint16_t>(width),
          .height = static_cast<std::uint16_t>(height),
          .hot_x = static_cast<std::uint16_t>(width),  // just outside
          .hot_y = static_cast<std::uint16_t>(height / 2),
          .pixels = std::vector<std::uint32_t>(static_cast<std::size_t>(width * height), pixel)};
}

class PainterPointer : public ::testing::Test {
 protected:
  explicit PainterPointer(rdp::ClientCapabilities capabilities = modern())
      : writer(capabilities), capabilities_(capabilities) {
    activate();
  }
  void activate() {
    Bytes out;
    painter.activate({.width = 64, .height = 64, .depth = 32, .capabilities = capabilities_}, writer, out);
  }
  /// Code of the one update that this cursor takes; -1: refused.
  int show(const Cursor& cursor) {
    Bytes out;
    if (!painter.show_cursor(cursor, writer, out)) return out.empty() ? -1 : -2;
    auto updates = parse(out);
    EXPECT_EQ(updates.size(), 1u);
    last = updates.at(0).data;
    return updates.at(0).code;
  }

  rdp::UpdateWriter writer;
  Painter painter;
  Bytes last;

 private:
  rdp::ClientCapabilities capabilities_;
};

TEST(PainterPointers, OfEverySizeForEveryClient) {
  for (bool fast : {true, false}) {
    for (std::uint16_t cache : {0, 20}) {
      for (std::uint32_t fragments : {0u, 65535u, 608299u}) {
        auto capabilities = modern();
        capabilities.fast_path_output = fast;
        capabilities.pointer_cache = cache;
        capabilities.max_fragmented_update = fragments;
        rdp::UpdateWriter writer(capabilities);
        Painter painter;
        std::uint32_t serial = 0;
        for (int width : {1, 2, 15, 16, 17, 31, 32, 33, 95, 96, 97, 383, 384}) {
          for (int height : {1, 24, 33, 97, 384}) {
            Bytes out;
            auto shown = painter.show_cursor(cursor(++serial, width, height), writer, out);
            ASSERT_TRUE(shown.has_value()) << width << 'x' << height << ": " << shown.error().message;
            EXPECT_EQ(parse(out).size(), 1u);
          }
        }
      }
    }
  }
}

TEST_F(PainterPointer, ShapesAreSentOnceAndThenCalledFromTheirSlots) {
  for (std::uint32_t serial = 1; serial <= 20; ++serial) EXPECT_EQ(show(cursor(serial, 16, 16)), kNew);
  for (std::uint32_t serial = 20; serial >= 1; --serial) {
    EXPECT_EQ(show(cursor(serial, 16, 16)), kCached);
    EXPECT_EQ(ByteReader(last).u16le(), serial - 1);
  }
  // One more takes the place of the oldest, and only that.
  EXPECT_EQ(show(cursor(21, 16, 16)), kNew);
  EXPECT_EQ(show(cursor(2, 16, 16)), kCached);
  EXPECT_EQ(show(cursor(1, 16, 16)), kNew);
  EXPECT_EQ(show(cursor(2, 16, 16)), kNew);
  activate();  // with empty caches
  EXPECT_EQ(show(cursor(2, 16, 16)), kNew);
}

TEST_F(PainterPointer, WhatCannotBeSeenHidesThePointerAndTakesNoSlot) {
  EXPECT_EQ(show(cursor(1, 0, 0)), kHidden);
  EXPECT_EQ(show(cursor(2, 16, 16, 0)), kHidden);
  EXPECT_EQ(show(cursor(2, 16, 16, 0)), kHidden);
  EXPECT_EQ(show(cursor(3, 16, 16)), kNew);
  ByteReader in(last);
  in.skip(2);
  EXPECT_EQ(in.u16le(), 0);  // the first slot
}

TEST_F(PainterPointer, AShapeThatIsRefusedIsNotTakenForCached) {
  Cursor bad = cursor(7, 16, 16);
  bad.pixels.pop_back();
  EXPECT_EQ(show(bad), -1);
  EXPECT_EQ(show(cursor(7, 16, 16)), kNew);
}

class OldClient : public PainterPointer {
 protected:
  static rdp::ClientCapabilities old() {
    auto capabilities = modern();
    capabilities.pointer_cache = 0;
    return capabilities;
  }
  OldClient() : PainterPointer(old()) {}
};

TEST_F(OldClient, GetsColourPointers) {
  EXPECT_EQ(show(cursor(1, 16, 16)), kColor);
  EXPECT_EQ(show(cursor(2, 16, 16, 0x10101010)), kHidden);  // too faint for masks without alpha
}

}  // namespace
}  // namespace ts::stack
