// Fast-path output framing ([MS-RDPBCGR] 2.2.9.1.2): one update per PDU, in fragments when it must be.
#pragma once

#include "lib/base/bytes.h"

namespace ts::rdp {

enum FastPathCode : std::uint8_t {  // updateCode (2.2.9.1.2.1)
  kFastPathBitmap = 0x1,
  kFastPathPalette = 0x2,
  kFastPathPointerHidden = 0x5,
  kFastPathPointerDefault = 0x6,
  kFastPathPointerPosition = 0x8,
  kFastPathPointerColor = 0x9,
  kFastPathPointerCached = 0xA,
  kFastPathPointerNew = 0xB,
  kFastPathPointerLarge = 0xC
};

enum FastPathFragment : std::uint8_t { kSingle = 0, kLast = 1, kFirst = 2, kNext = 3 };  // 2.2.9.1.2.1

inline constexpr std::size_t kMaxFastPathPdu =
    0x3FFF;  // FreeRDP's limit; the length field would allow 0x7FFF
inline constexpr std::size_t kFastPathHeader =
    1 /* action, flags */ + 2 /* length */ + 1 /* updateHeader */ + 2 /* size */;
inline constexpr std::size_t kMaxFastPathData = kMaxFastPathPdu - kFastPathHeader;

/// Appends the update: one PDU up to kMaxFastPathData, else several that follow each other directly, as they
/// must.
void write_fast_path(FastPathCode code, ByteView data, Bytes& out);

}  // namespace ts::rdp
