// Numbers of capability sets ([MS-RDPBCGR] 2.2.1.13.1.1.1) and of the flags in them, for both halves of
// capabilities.h.
#pragma once

#include <cstdint>
#include <functional>

#include "lib/rdp/capabilities.h"

namespace ts::rdp {

enum class CapabilityType : std::uint16_t {
  kGeneral = 1,
  kBitmap = 2,
  kOrder = 3,
  kBitmapCache = 4,
  kControl = 5,
  kActivation = 7,
  kPointer = 8,
  kShare = 9,
  kSound = 12,
  kInput = 13,
  kFont = 14,
  kBrush = 15,
  kGlyphCache = 16,
  kOffscreenCache = 17,
  kVirtualChannel = 20,
  kMultifragmentUpdate = 26,
  kLargePointer = 27
};

// General, extraFlags (2.2.7.1.1).
inline constexpr std::uint16_t kFastPathOutputSupported = 0x0001;
inline constexpr std::uint16_t kLongCredentialsSupported = 0x0004;
inline constexpr std::uint16_t kAutoReconnectSupported = 0x0008;
inline constexpr std::uint16_t kNoBitmapCompressionHeader = 0x0400;

// Bitmap, drawingFlags (2.2.7.1.2).
inline constexpr std::uint8_t kDrawAllowDynamicColorFidelity = 0x02;
inline constexpr std::uint8_t kDrawAllowColorSubsampling = 0x04;
inline constexpr std::uint8_t kDrawAllowSkipAlpha = 0x08;

// Order, orderFlags (2.2.7.1.3).
inline constexpr std::uint16_t kNegotiateOrderSupport = 0x0002;
inline constexpr std::uint16_t kZeroBoundsDeltasSupport = 0x0008;
inline constexpr std::uint16_t kColorIndexSupport = 0x0020;

// Input, inputFlags (2.2.7.1.6).
inline constexpr std::uint16_t kInputScancodes = 0x0001;
inline constexpr std::uint16_t kInputMouseX = 0x0004;
inline constexpr std::uint16_t kInputFastPath = 0x0008;
inline constexpr std::uint16_t kInputUnicode = 0x0010;
inline constexpr std::uint16_t kInputFastPath2 = 0x0020;
inline constexpr std::uint16_t kInputMouseHwheel = 0x0100;

// Large pointer (2.2.7.2.7).
inline constexpr std::uint16_t kLargePointer96 = 0x0001;
inline constexpr std::uint16_t kLargePointer384 = 0x0002;

/// Reads `count` sets off `in` and hands the body of each to `decode`, which takes of it what it knows.
[[nodiscard]] Result<> decode_sets(ByteReader& in, std::size_t count,
                                   const std::function<void(CapabilityType, ByteReader&)>& decode);

/// Appends one set around what `body()` writes, and counts it.
template <typename Body>
void write_set(ByteWriter& writer, CapabilityType type, std::uint16_t& count, Body&& body) {
  std::size_t start = writer.size();
  writer.u16le(static_cast<std::uint16_t>(type));
  writer.u16le(0);
  body();
  writer.patch_u16le(start + 2, static_cast<std::uint16_t>(writer.size() - start));
  ++count;
}

}  // namespace ts::rdp
