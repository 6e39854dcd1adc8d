// Fast-path and slow-path input to the same events.
#include "lib/rdp/input.h"

#include <gtest/gtest.h>

#include "lib/rdp/output_control.h"
#include "tests/unit/rdp/client_bytes.h"

namespace ts::rdp {
namespace {

using test::hex;

std::string text(const Event& event) {
  if (auto* key = std::get_if<KeyInput>(&event)) {
    return fmt::format("key {:02x} {:02x} {}", key->code, key->extended, key->down ? "down" : "up");
  }
  if (auto* key = std::get_if<UnicodeInput>(&event)) {
    return fmt::format("unicode {:x} {}", static_cast<unsigned>(key->code_point), key->down ? "down" : "up");
  }
  if (auto* mouse = std::get_if<MouseInput>(&event)) {
    std::string out = "mouse";
    if (mouse->move) out += fmt::format(" to {},{}", mouse->x, mouse->y);
    if (mouse->button) out += fmt::format(" button {} {}", mouse->button, mouse->down ? "down" : "up");
    if (mouse->wheel_vertical) out += fmt::format(" vertical {}", mouse->wheel_vertical);
    if (mouse->wheel_horizontal) out += fmt::format(" horizontal {}", mouse->wheel_horizontal);
    return out;
  }
  if (auto* locks = std::get_if<SynchronizeInput>(&event)) return fmt::format("locks {:x}", locks->locks);
  return "other";
}

std::vector<std::string> texts(const std::vector<Event>& events) {
  std::vector<std::string> out;
  for (const auto& event : events) out.push_back(text(event));
  return out;
}

std::vector<std::string> fast(std::string_view bytes) {
  InputDecoder decoder;
  std::vector<Event> events;
  auto result = decoder.fast_path(hex(bytes), events);
  EXPECT_TRUE(result.has_value()) << bytes << ": " << result.error().message;
  return texts(events);
}

std::vector<std::string> slow(std::string_view bytes) {
  InputDecoder decoder;
  std::vector<Event> events;
  auto result = decoder.slow_path(hex(bytes), events);
  EXPECT_TRUE(result.has_value()) << bytes << ": " << result.error().message;
  return texts(events);
}

using Texts = std::vector<std::string>;

TEST(FastPathInput, FocusOfXfreerdp) {
  EXPECT_EQ(fast("10 0E 01 0F 60 01 0F 20 00 08 90 01 2C 01"),
            (Texts{"key 0f 00 up", "locks 0", "key 0f 00 up", "mouse to 400,300"}));
}

TEST(FastPathInput, Keys) {
  EXPECT_EQ(fast("04 04 00 1E"), Texts{"key 1e 00 down"});
  EXPECT_EQ(fast("04 04 03 4D"), Texts{"key 4d e0 up"});
  EXPECT_EQ(fast("04 04 04 1D"), Texts{"key 1d e1 down"});
  EXPECT_EQ(fast("04 03 6F"), Texts{"locks f"});
  EXPECT_EQ(fast("04 80 05 00 1E"), Texts{"key 1e 00 down"});  // length in two bytes
  EXPECT_EQ(fast("00 05 01 00 1E"), Texts{"key 1e 00 down"});  // count in a byte of its own
}

TEST(FastPathInput, Mouse) {
  EXPECT_EQ(fast("04 09 20 00 90 0A 00 14 00"), Texts{"mouse to 10,20 button 1 down"});
  EXPECT_EQ(fast("04 09 20 00 20 0A 00 14 00"), Texts{"mouse to 10,20 button 3 up"});
  EXPECT_EQ(fast("04 09 20 00 C0 0A 00 14 00"), Texts{"mouse to 10,20 button 2 down"});
  EXPECT_EQ(fast("04 09 20 78 02 0A 00 14 00"), Texts{"mouse vertical 120"});
  EXPECT_EQ(fast("04 09 20 88 03 0A 00 14 00"), Texts{"mouse vertical -120"});
  EXPECT_EQ(fast("04 09 20 78 04 0A 00 14 00"), Texts{"mouse horizontal 120"});
  EXPECT_EQ(fast("04 09 20 00 03 0A 00 14 00"), Texts{"mouse vertical -256"});
  EXPECT_EQ(fast("04 09 40 01 80 0A 00 14 00"), Texts{"mouse to 10,20 button 8 down"});
  EXPECT_EQ(fast("04 09 40 02 00 0A 00 14 00"), Texts{"mouse to 10,20 button 9 up"});
  EXPECT_EQ(fast("04 09 20 00 F0 0A 00 14 00"),
            (Texts{"mouse to 10,20 button 1 down", "mouse to 10,20 button 3 down",
                   "mouse to 10,20 button 2 down"}));
}

TEST(FastPathInput, UnicodeJoinsSurrogatesOfTheSameDirection) {
  EXPECT_EQ(fast("04 05 80 AC 20"), Texts{"unicode 20ac down"});
  EXPECT_EQ(fast("10 0E 80 3D D8 81 3D D8 80 00 DE 81 00 DE"),
            (Texts{"unicode 1f600 down", "unicode 1f600 up"}));
  EXPECT_EQ(fast("04 05 80 00 DE"), Texts{});  // half a character
  EXPECT_EQ(fast("08 08 80 3D D8 80 61 00"), Texts{"unicode 61 down"});
  EXPECT_EQ(fast("08 08 80 00 00 81 61 00"), Texts{"unicode 61 up"});
}

TEST(FastPathInput, SurrogatesAreJoinedOverPdus) {
  InputDecoder decoder;
  std::vector<Event> events;
  ASSERT_TRUE(decoder.fast_path(hex("04 05 80 3D D8"), events).has_value());
  EXPECT_TRUE(events.empty());
  ASSERT_TRUE(decoder.fast_path(hex("04 05 80 00 DE"), events).has_value());
  EXPECT_EQ(texts(events), Texts{"unicode 1f600 down"});
}

TEST(FastPathInput, UnofferedEventsAreReadOver) {
  EXPECT_EQ(fast("0C 0F A0 00 00 01 00 01 00 C0 01 02 03 04 60"), (Texts{"locks 0"}));
}

TEST(FastPathInput, Malformed) {
  for (auto bytes : {"", "04", "04 05 00 1E", "04 03 00", "84 04 00 1E" /* encrypted */, "44 04 00 1E",
                     "04 04 E0 00", "04 05 00 1E 00" /* too long */, "08 04 00 1E" /* one event short */,
                     "00 02", "04 08 20 00 08 01 00 01"}) {
    InputDecoder decoder;
    std::vector<Event> events;
    EXPECT_FALSE(decoder.fast_path(hex(bytes), events).has_value()) << bytes;
  }
}

TEST(SlowPathInput, AllKinds) {
  EXPECT_EQ(slow("0100 0000 00000000 0000 0000 02000000"), Texts{"locks 2"});
  EXPECT_EQ(slow("0100 0000 78563412 0400 0000 1E00 0000"), Texts{"key 1e 00 down"});
  EXPECT_EQ(slow("0100 0000 00000000 0400 0040 1E00 0000"), Texts{"key 1e 00 down"});  // repeated
  EXPECT_EQ(slow("0100 0000 00000000 0400 00C1 4D00 0000"), Texts{"key 4d e0 up"});
  EXPECT_EQ(slow("0100 0000 00000000 0400 0002 1D00 0000"), Texts{"key 1d e1 down"});
  EXPECT_EQ(slow("0100 0000 00000000 0500 0080 AC20 0000"), Texts{"unicode 20ac up"});
  EXPECT_EQ(slow("0200 0000 00000000 0180 0008 0A00 1400 00000000 0180 8003 0A00 1400"),
            (Texts{"mouse to 10,20", "mouse vertical -128"}));
  EXPECT_EQ(slow("0100 0000 00000000 0280 0180 0A00 1400"), Texts{"mouse to 10,20 button 8 down"});
  EXPECT_EQ(slow("0100 0000 00000000 0200 0180 0A00 1400"), Texts{});  // the unused event
  EXPECT_EQ(slow("0000 0000"), Texts{});
}

TEST(SlowPathInput, EveryTruncationIsMalformed) {
  Bytes whole = hex("0200 0000 00000000 0400 0000 1E00 0000 00000000 0180 0008 0A00 1400");
  for (std::size_t size = 0; size < whole.size(); ++size) {
    InputDecoder decoder;
    std::vector<Event> events;
    EXPECT_FALSE(decoder.slow_path(ByteView(whole).first(size), events).has_value()) << size;
    EXPECT_LE(events.size(), 1u);
  }
}

TEST(OutputControl, RefreshRectAndSuppressOutput) {
  auto refresh = decode_refresh_rect(hex("02 000000 0100 0200 0300 0400 0500 0600 0700 0800"));
  ASSERT_TRUE(refresh.has_value());
  ASSERT_EQ(refresh->rects.size(), 2u);
  EXPECT_EQ(refresh->rects[1].bottom, 8);
  EXPECT_FALSE(decode_refresh_rect(hex("02 000000 0100 0200 0300 0400 0500 0600 0700 08")).has_value());
  EXPECT_FALSE(decode_refresh_rect(hex("00 0000")).has_value());
  EXPECT_TRUE(decode_suppress_output(hex("00 000000"))->suppressed);
  EXPECT_FALSE(decode_suppress_output(hex("01 000000 0000 0000 FF03 FF02"))->suppressed);
  EXPECT_FALSE(decode_suppress_output(hex("00 0000")).has_value());
}

}  // namespace
}  // namespace ts::rdp
