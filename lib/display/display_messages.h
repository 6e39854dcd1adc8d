// The display socket: pixels' whereabouts and input between tsdisplay and an attached stack (SEQPACKET). Also
// the few messages between tshost and its tsdisplay. Fixed-size; pixels themselves never travel here: the
// stack maps the framebuffer.
//
// Pull with credit: the stack sends Pull when it has written all it had; tsdisplay answers each Pull with
// exactly one Damage, at once if something changed since the last, else as soon as something does. A slow
// client thus gets fewer and newer frames and nothing queues up. Every attach starts with full damage.
//
// INVARIANT: the stack checks every number against its own mapping and limits; tsdisplay every number from
// the stack. Neither believes the other.
#pragma once

#include "lib/base/message.h"

namespace ts::display {

inline constexpr std::uint32_t kDisplayProtocolVersion = 1;
inline constexpr std::uint32_t kMaxDamageRects = 64;
inline constexpr std::uint32_t kMaxCursorSize = 384;       // pixels each way: the largest RDP pointer
inline constexpr std::uint32_t kCursorChunkPixels = 4096;  // pixels in one CursorChunk

struct Rect {
  std::uint16_t x = 0, y = 0, width = 0, height = 0;
};

// tshost -> tsdisplay
// -----------------------------------------------------------------------------------------

/// First, with one descriptor: the framebuffer, writable. Which display server to serve, and how to get in.
struct OpenDisplay {
  static constexpr MessageType kType = 0x600;
  MessageHeader header{kType};
  std::uint32_t version = kDisplayProtocolVersion;
  std::int32_t display = -1;           // X display number
  std::array<std::byte, 16> cookie{};  // MIT-MAGIC-COOKIE-1
  std::uint16_t width = 0;             // of the desktop at first
  std::uint16_t height = 0;
};

/// With one descriptor: tsdisplay's end of a new display socket. It ends the one before: tsdisplay serves the
/// stack that was attached last and nobody else.
struct AttachDisplay {
  static constexpr MessageType kType = 0x601;
  MessageHeader header{kType};
};

/// The stack was told to go, or has gone: its display socket ends now, whatever the stack does.
struct DetachDisplay {
  static constexpr MessageType kType = 0x603;
  MessageHeader header{kType};
};

/// A client of this size is coming: the desktop takes it before a stack asks for it.
struct FitDisplay {
  static constexpr MessageType kType = 0x606;
  MessageHeader header{kType};
  std::uint16_t width = 0, height = 0;
};

/// Also tshost -> tslogon. Answered by StillThere, when the display server has answered, too.
struct AreYouThere {
  static constexpr MessageType kType = 0x608;
  MessageHeader header{kType};
  std::uint32_t request = 0;
};

struct StillThere {
  static constexpr MessageType kType = 0x609;
  MessageHeader header{kType};
  std::uint32_t request = 0;
};

/// Answered by PictureTaken.
struct TakePicture {
  static constexpr MessageType kType = 0x604;
  MessageHeader header{kType};
  std::uint32_t request = 0;
};

/// tsdisplay -> tshost, once: connected to the display server, attachments are welcome.
struct DisplayReady {
  static constexpr MessageType kType = 0x602;
  MessageHeader header{kType};
};

/// tsdisplay -> tshost: the stack has sent keys or the mouse since it was last said; at most once a second.
struct InputSeen {
  static constexpr MessageType kType = 0x607;
  MessageHeader header{kType};
};

// tsdisplay -> stack
// ------------------------------------------------------------------------------------------

/// First message, and again after each change of size. Pixels are 32 bits, B G R X in memory.
struct Geometry {
  static constexpr MessageType kType = 0x681;
  MessageHeader header{kType};
  std::uint32_t version = kDisplayProtocolVersion;
  std::uint32_t offset = 0;  // bytes from the file's start to the first pixel
  std::uint32_t stride = 0;  // bytes from row to row: that of the largest size, whatever the present one is
  std::uint16_t width = 0;   // pixels, as the desktop is now
  std::uint16_t height = 0;
};

/// tsdisplay -> tshost: what the desktop showed, with one descriptor (lib/display/snapshot.h), or why not.
struct PictureTaken {
  static constexpr MessageType kType = 0x605;
  MessageHeader header{kType};
  std::uint32_t request = 0;
  std::int32_t error_number = 0;  // 0: it was taken
  Geometry geometry;              // where in the file it is
};

/// Answer to a Pull: what changed since the last answer, clipped to the present size.
struct Damage {
  static constexpr MessageType kType = 0x682;
  MessageHeader header{kType};
  std::uint32_t count = 0;  // 1...kMaxDamageRects
  std::array<Rect, kMaxDamageRects> rects{};
};

/// The pointer's shape, in chunks in order: complete when first + count == width * height. Pixels are 32
/// bits, premultiplied A R G B in host order. A cursor of 0 x 0 (count 0) is a hidden pointer.
struct CursorChunk {
  static constexpr MessageType kType = 0x683;
  MessageHeader header{kType};
  std::uint32_t serial = 0;  // the same for the same shape, so that the stack may cache it
  std::uint16_t width = 0, height = 0;
  std::uint16_t hot_x = 0, hot_y = 0;
  std::uint32_t first = 0;  // index of the first pixel in this chunk
  std::uint32_t count = 0;
  std::array<std::uint32_t, kCursorChunkPixels> pixels{};
};

/// The pointer was moved by a program, not by this stack.
struct CursorMoved {
  static constexpr MessageType kType = 0x684;
  MessageHeader header{kType};
  std::uint16_t x = 0, y = 0;
};

/// Lock lights changed: bits as in the RDP synchronise event (1 scroll, 2 num, 4 caps, 8 kana).
struct LockState {
  static constexpr MessageType kType = 0x685;
  MessageHeader header{kType};
  std::uint32_t locks = 0;
};

// stack -> tsdisplay
// ------------------------------------------------------------------------------------------

struct Pull {
  static constexpr MessageType kType = 0x701;
  MessageHeader header{kType};
};

/// Report this area (or all, if empty) as damaged: refresh rect, new depth, end of suppressed output.
struct Refresh {
  static constexpr MessageType kType = 0x702;
  MessageHeader header{kType};
  Rect area;
};

/// Resize the desktop (RandR). Answered by Geometry with the size that came of it, also when nothing changed.
struct Resize {
  static constexpr MessageType kType = 0x703;
  MessageHeader header{kType};
  std::uint16_t width = 0, height = 0;
};

/// The client's keyboard ([MS-RDPBCGR] 2.2.1.3.2 keyboardLayout, keyboardType, keyboardSubType).
struct Keyboard {
  static constexpr MessageType kType = 0x704;
  MessageHeader header{kType};
  std::uint32_t layout = 0;
  std::uint32_t type = 0;
  std::uint32_t subtype = 0;
};

/// One key by PC set 1 scan code; `extended` 0xE0 or 0xE1 prefix, else 0.
struct KeyEvent {
  static constexpr MessageType kType = 0x705;
  MessageHeader header{kType};
  std::uint8_t code = 0;
  std::uint8_t extended = 0;
  std::uint8_t down = 0;
  std::uint8_t reserved = 0;
};

/// One Unicode scalar value typed (surrogates joined by the stack).
struct UnicodeEvent {
  static constexpr MessageType kType = 0x706;
  MessageHeader header{kType};
  std::uint32_t code_point = 0;
  std::uint32_t down = 0;
};

/// All keys up, locks as given (bits as in LockState).
struct SynchronizeEvent {
  static constexpr MessageType kType = 0x707;
  MessageHeader header{kType};
  std::uint32_t locks = 0;
};

/// The pointer goes to x, y; then, if `button` is not 0, that button changes.
/// Buttons: 1 left, 2 middle, 3 right, 8 back, 9 forward, as X numbers them. `wheel_*` are in RDP units, 120
/// a notch, up and right positive.
struct MouseEvent {
  static constexpr MessageType kType = 0x708;
  MessageHeader header{kType};
  std::uint16_t x = 0, y = 0;
  std::uint8_t button = 0;
  std::uint8_t down = 0;
  std::uint8_t move = 1;  // 0: x, y say nothing (wheel)
  std::uint8_t reserved = 0;
  std::int16_t wheel_vertical = 0;
  std::int16_t wheel_horizontal = 0;
};

}  // namespace ts::display
