// Server graphics and pointer updates ([MS-RDPBCGR] 2.2.9.1), written in the form that this client takes:
// fast-path or slow-path, with or without compression headers, pointers of the kind and size it knows.
// Appends whole PDUs to `out`; keeps no state between calls.
//
// Every PDU is at most 16383 bytes. Raw bitmaps that are larger are cut into bands of rows; compressed ones
// cannot be cut and go out in fragments when the client takes them: see max_compressed().
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "lib/base/bytes.h"
#include "lib/base/result.h"
#include "lib/rdp/events.h"

namespace ts::rdp {

/// One TS_BITMAP_DATA ([MS-RDPBCGR] 2.2.9.1.1.3.1.2.2). Rows go from the bottom up.
struct BitmapRect {
  std::uint16_t left = 0, top = 0, right = 0, bottom = 0;  // where it goes, edges inclusive
  std::uint16_t width = 0;   // pixels in a row of `data`: a multiple of 4, at least right - left + 1
  std::uint16_t height = 0;  // rows of `data`: bottom - top + 1
  std::uint16_t depth = 0;   // bits per pixel: always the session's
  bool compressed = false;   // interleaved RLE (up to 24) or planar (32), else raw
  ByteView data;             // borrowed for the call
};

struct PaletteEntry {
  std::uint8_t red = 0, green = 0, blue = 0;
};

/// A finished pointer: rows of both masks from the bottom up, each padded to two bytes.
struct PointerMasks {
  std::uint16_t width = 0, height = 0;
  std::uint16_t hot_x = 0, hot_y = 0;  // inside
  std::uint16_t bits_per_pixel = 0;    // of the XOR mask: 32 (B G R A, straight alpha) or 24 (B G R)
  ByteView xor_mask;                   // borrowed for the call
  ByteView and_mask;                   // a bit a pixel, 1 where the screen shines through
};

/// The pointers that a client takes.
struct PointerLimits {
  std::uint16_t bits_per_pixel = 0;  // 24 or 32
  std::uint16_t largest = 0;         // pixels each way
};

class UpdateWriter {
 public:
  explicit UpdateWriter(const ClientCapabilities& capabilities) : capabilities_(capabilities) {}

  /// Packs the rectangles into as few PDUs as they fit in. An error, and nothing written, for one whose
  /// numbers do not agree with each other or that is compressed and longer than max_compressed().
  [[nodiscard]] Result<> bitmaps(std::span<const BitmapRect> rects, Bytes& out) const;
  /// The longest `data` that a compressed rectangle may have.
  std::size_t max_compressed() const;

  /// The 256 colours of an 8 bit session; before the first pixels.
  void palette(std::span<const PaletteEntry, 256> colors, Bytes& out) const;

  /// What pointer_shape() can send to this client.
  PointerLimits pointer_limits() const;
  /// Shows this shape and keeps it in `cache_slot` (below pointer_slots()). An error, and nothing written,
  /// for one that is not within pointer_limits() or whose numbers do not agree with each other.
  [[nodiscard]] Result<> pointer_shape(const PointerMasks& masks, std::uint16_t cache_slot, Bytes& out) const;
  /// How many shapes the client keeps for cached_pointer().
  std::uint16_t pointer_slots() const;
  void cached_pointer(std::uint16_t cache_slot, Bytes& out) const;
  void hide_pointer(Bytes& out) const;
  void default_pointer(Bytes& out) const;
  /// Moves the client's pointer (a program did so on the server).
  void move_pointer(std::uint16_t x, std::uint16_t y, Bytes& out) const;

 private:
  Result<> check(const BitmapRect& rect) const;
  std::size_t bitmap_header(const BitmapRect& rect) const;
  void write_bitmap_update(std::span<const BitmapRect> rects, Bytes& out) const;
  void write_update(std::uint8_t code, ByteView data, Bytes& out) const;
  void write_pointer(std::uint8_t code, std::uint16_t message_type, ByteView data, Bytes& out) const;
  std::size_t max_update() const;
  std::size_t max_fragmented() const;

  ClientCapabilities capabilities_;
};

}  // namespace ts::rdp
