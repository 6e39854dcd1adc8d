#include "lib/rdp/input.h"

#include <array>
#include <utility>

namespace ts::rdp {
namespace {

// TS_POINTER_EVENT pointerFlags (2.2.8.1.1.3.1.1.3).
constexpr std::uint16_t kHorizontalWheel = 0x0400;
constexpr std::uint16_t kVerticalWheel = 0x0200;
constexpr std::uint16_t kWheelNegative = 0x0100;
constexpr std::uint16_t kRotationMask = 0x01FF;
constexpr std::uint16_t kDown = 0x8000;  // also of TS_POINTERX_EVENT

struct ButtonBit {
  std::uint16_t bit;
  std::uint8_t button;
};
constexpr std::array<ButtonBit, 3> kButtons{{{0x1000, 1}, {0x2000, 3}, {0x4000, 2}}};
constexpr std::array<ButtonBit, 2> kExtendedButtons{{{0x0001, 8}, {0x0002, 9}}};

enum FastCode : std::uint8_t {  // eventCode (2.2.8.1.2.2)
  kFastScancode = 0,
  kFastMouse = 1,
  kFastMouseX = 2,
  kFastSync = 3,
  kFastUnicode = 4,
  kFastRelativeMouse = 5,
  kFastQoeTimestamp = 6
};
constexpr std::uint8_t kFastRelease = 0x01;
constexpr std::uint8_t kFastExtended = 0x02;
constexpr std::uint8_t kFastExtended1 = 0x04;

enum SlowType : std::uint16_t {  // messageType (2.2.8.1.1.3.1.1)
  kSlowSync = 0,
  kSlowScancode = 4,
  kSlowUnicode = 5,
  kSlowMouse = 0x8001,
  kSlowMouseX = 0x8002
};
constexpr std::uint16_t kSlowRelease = 0x8000;
constexpr std::uint16_t kSlowExtended = 0x0100;
constexpr std::uint16_t kSlowExtended1 = 0x0200;
constexpr std::size_t kSlowEventBody = 6;

constexpr std::uint32_t kLockMask = 0x0F;

template <std::size_t N>
void add_buttons(const std::array<ButtonBit, N>& buttons, std::uint16_t flags, MouseInput event,
                 std::vector<Event>& events) {
  bool any = false;
  for (auto [bit, button] : buttons) {
    if (!(flags & bit)) continue;
    event.button = button;
    event.down = flags & kDown;
    events.emplace_back(event);
    any = true;
  }
  if (!any) events.emplace_back(event);
}

void add_mouse(std::uint16_t flags, std::uint16_t x, std::uint16_t y, std::vector<Event>& events) {
  if (flags & (kVerticalWheel | kHorizontalWheel)) {
    // Nine bits, two's complement; the sign has a name of its own.
    auto rotation = static_cast<std::int16_t>(flags & kRotationMask);
    if (flags & kWheelNegative) rotation = static_cast<std::int16_t>(rotation - 0x200);
    MouseInput event;
    (flags & kVerticalWheel ? event.wheel_vertical : event.wheel_horizontal) = rotation;
    events.emplace_back(event);
    return;
  }
  add_buttons(kButtons, flags, MouseInput{.x = x, .y = y, .move = true}, events);
}

void add_mouse_x(std::uint16_t flags, std::uint16_t x, std::uint16_t y, std::vector<Event>& events) {
  add_buttons(kExtendedButtons, flags, MouseInput{.x = x, .y = y, .move = true}, events);
}

void add_key(std::uint8_t code, bool extended, bool extended1, bool release, std::vector<Event>& events) {
  auto prefix = static_cast<std::uint8_t>(extended1 ? 0xE1 : extended ? 0xE0 : 0);
  events.emplace_back(KeyInput{.code = code, .extended = prefix, .down = !release});
}

bool is_high_surrogate(std::uint16_t unit) {
  return unit >= 0xD800 && unit < 0xDC00;
}
bool is_low_surrogate(std::uint16_t unit) {
  return unit >= 0xDC00 && unit < 0xE000;
}

}  // namespace

void InputDecoder::unicode(std::uint16_t unit, bool down, std::vector<Event>& events) {
  std::uint16_t high = std::exchange(high_surrogate_[down], std::uint16_t{0});
  if (is_high_surrogate(unit)) {
    high_surrogate_[down] = unit;
    return;
  }
  char32_t code_point = unit;
  if (is_low_surrogate(unit)) {
    if (high == 0) return;  // half a character cannot be typed
    code_point = 0x10000 + ((char32_t{high} - 0xD800) << 10) + (unit - 0xDC00);
  }
  if (code_point != 0) events.emplace_back(UnicodeInput{.code_point = code_point, .down = down});
}

Result<> InputDecoder::fast_event(ByteReader& in, std::vector<Event>& events) {
  std::uint8_t header = in.u8();
  std::uint8_t code = header >> 5;
  std::uint8_t flags = header & 0x1F;
  switch (code) {
    case kFastScancode: {
      std::uint8_t key = in.u8();
      if (in.ok()) add_key(key, flags & kFastExtended, flags & kFastExtended1, flags & kFastRelease, events);
      return {};
    }
    case kFastMouse:
    case kFastMouseX: {
      std::uint16_t pointer_flags = in.u16le();
      std::uint16_t x = in.u16le();
      std::uint16_t y = in.u16le();
      if (in.ok()) (code == kFastMouse ? add_mouse : add_mouse_x)(pointer_flags, x, y, events);
      return {};
    }
    case kFastSync:
      if (in.ok()) events.emplace_back(SynchronizeInput{flags & kLockMask});
      return {};
    case kFastUnicode: {
      std::uint16_t unit = in.u16le();
      if (in.ok()) unicode(unit, !(flags & kFastRelease), events);
      return {};
    }
    case kFastRelativeMouse:  // the server offers neither of these two
      in.skip(6);
      return {};
    case kFastQoeTimestamp:
      in.skip(4);
      return {};
    default:
      return fail(ErrorCode::kMalformed, "fast-path input event has unknown code {}", code);
  }
}

Result<> InputDecoder::fast_path(ByteView pdu, std::vector<Event>& events) {
  ByteReader in(pdu);
  std::uint8_t header = in.u8();
  std::size_t length = in.u8();
  if (length & 0x80) length = ((length & 0x7F) << 8) | in.u8();
  if (in.failed() || length != pdu.size()) {
    return fail(ErrorCode::kMalformed, "fast-path length does not match its PDU of {} bytes", pdu.size());
  }
  if (header >> 6) return fail(ErrorCode::kMalformed, "fast-path input claims RDP encryption under TLS");
  unsigned count = (header >> 2) & 0x0F;
  if (count == 0) count = in.u8();
  if (in.failed()) return fail(ErrorCode::kMalformed, "fast-path input has no count of events");
  for (unsigned i = 0; i < count; ++i) {
    TS_TRY(fast_event(in, events));
    if (in.failed())
      return fail(ErrorCode::kMalformed, "fast-path input ends in event {} of {}", i + 1, count);
  }
  if (!in.at_end())
    return fail(ErrorCode::kMalformed, "fast-path input has {} bytes too many", in.remaining());
  return {};
}

void InputDecoder::slow_event(std::uint16_t type, ByteReader& in, std::vector<Event>& events) {
  std::uint16_t first = in.u16le();
  std::uint16_t second = in.u16le();
  std::uint16_t third = in.u16le();
  switch (type) {
    case kSlowSync:  // pad, then toggleFlags in four bytes
      events.emplace_back(SynchronizeInput{second & kLockMask});
      return;
    case kSlowScancode:
      add_key(static_cast<std::uint8_t>(second), first & kSlowExtended, first & kSlowExtended1,
              first & kSlowRelease, events);
      return;
    case kSlowUnicode:
      unicode(second, !(first & kSlowRelease), events);
      return;
    case kSlowMouse:
      add_mouse(first, second, third, events);
      return;
    case kSlowMouseX:
      add_mouse_x(first, second, third, events);
      return;
    default:  // the unused event and those of other days: same size, no meaning
      return;
  }
}

Result<> InputDecoder::slow_path(ByteView body, std::vector<Event>& events) {
  ByteReader in(body);
  unsigned count = in.u16le();
  in.skip(2 /* pad */);
  for (unsigned i = 0; i < count; ++i) {
    in.skip(4 /* eventTime */);
    std::uint16_t type = in.u16le();
    ByteReader event(in.take(kSlowEventBody));
    if (in.failed()) return fail(ErrorCode::kMalformed, "input PDU ends in event {} of {}", i + 1, count);
    slow_event(type, event, events);
  }
  if (in.failed()) return fail(ErrorCode::kMalformed, "input PDU is cut short");
  return {};
}

}  // namespace ts::rdp
