// The client's half of capabilities.h.
#include "lib/rdp/capability_types.h"

namespace ts::rdp {
namespace {

constexpr std::size_t kMaxSets = 64;

void decode_general(ByteReader& in, ClientCapabilities& out) {
  out.os_major = in.u16le();
  out.os_minor = in.u16le();
  in.skip(2 /* protocolVersion */ + 2 /* pad */ + 2 /* generalCompressionTypes */);
  std::uint16_t extra = in.u16le();
  in.skip(2 /* updateCapabilityFlag */ + 2 /* remoteUnshareFlag */ + 2 /* generalCompressionLevel */);
  out.refresh_rect = in.u8() != 0;
  out.suppress_output = in.u8() != 0;
  out.fast_path_output = extra & kFastPathOutputSupported;
  out.long_credentials = extra & kLongCredentialsSupported;
  out.auto_reconnect = extra & kAutoReconnectSupported;
  out.no_bitmap_compression_header = extra & kNoBitmapCompressionHeader;
}

void decode_bitmap(ByteReader& in, ClientCapabilities& out) {
  out.preferred_depth = in.u16le();
  in.skip(3 * 2 /* receive1/4/8BitPerPixel */);
  out.width = in.u16le();
  out.height = in.u16le();
  in.skip(2 /* pad */);
  out.desktop_resize = in.u16le() != 0;
  in.skip(2 /* bitmapCompressionFlag */ + 1 /* highColorFlags */);
  std::uint8_t drawing = in.u8();
  out.skip_alpha = drawing & kDrawAllowSkipAlpha;
  out.dynamic_color_fidelity = drawing & kDrawAllowDynamicColorFidelity;
  out.color_subsampling = drawing & kDrawAllowColorSubsampling;
}

void decode_pointer(ByteReader& in, ClientCapabilities& out) {
  in.skip(2 /* colorPointerFlag */);
  out.color_pointer_cache = in.u16le();
  // A client of RDP 4 ends here: it knows 24 bit pointers only.
  out.pointer_cache = in.at_end() ? 0 : in.u16le();
}

void decode_input(ByteReader& in, ClientCapabilities& out) {
  out.input_flags = in.u16le();
  in.skip(2 /* pad */);
  out.keyboard_layout = in.u32le();
}

void decode_large_pointer(ByteReader& in, ClientCapabilities& out) {
  std::uint16_t flags = in.u16le();
  out.pointer_96 = flags & kLargePointer96;
  out.pointer_384 = flags & kLargePointer384;
}

void decode_set(CapabilityType type, ByteReader& in, ClientCapabilities& out) {
  switch (type) {
    case CapabilityType::kGeneral:
      return decode_general(in, out);
    case CapabilityType::kBitmap:
      return decode_bitmap(in, out);
    case CapabilityType::kPointer:
      return decode_pointer(in, out);
    case CapabilityType::kInput:
      return decode_input(in, out);
    case CapabilityType::kMultifragmentUpdate:
      out.max_fragmented_update = in.u32le();
      return;
    case CapabilityType::kLargePointer:
      return decode_large_pointer(in, out);
    default:
      return;
  }
}

}  // namespace

Result<ClientCapabilities> decode_confirm_active(ByteView body) {
  ByteReader in(body);
  in.skip(4 /* shareId */ + 2 /* originatorId */);
  std::size_t descriptor = in.u16le();
  in.skip(2 /* lengthCombinedCapabilities: the sets' own lengths say as much */);
  in.skip(descriptor);
  std::size_t count = in.u16le();
  in.skip(2 /* pad */);
  if (in.failed()) return fail(ErrorCode::kMalformed, "confirm active is cut short");
  if (count > kMaxSets) return fail(ErrorCode::kMalformed, "confirm active has {} capability sets", count);
  ClientCapabilities out;
  for (std::size_t i = 0; i < count; ++i) {
    std::uint16_t type = in.u16le();
    std::size_t length = in.u16le();
    if (in.failed() || length < 4 || length - 4 > in.remaining()) {
      return fail(ErrorCode::kMalformed, "capability set {} of type {} is cut short", i, type);
    }
    ByteReader set(in.take(length - 4));
    decode_set(static_cast<CapabilityType>(type), set, out);
    if (set.failed())
      return fail(ErrorCode::kMalformed, "capability set of type {} has only {} bytes", type, length);
  }
  return out;
}

}  // namespace ts::rdp
