// The client's half of capabilities.h: Confirm Active, read and written. Also what both halves share.
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

constexpr std::string_view kSourceDescriptor("MSTSC\0", 6);

void write_general(ByteWriter& writer, const ClientCapabilities& from) {  // 2.2.7.1.1, 20 bytes
  writer.u16le(from.os_major);
  writer.u16le(from.os_minor);
  writer.u16le(0x0200);  // protocolVersion
  writer.zeros(2 /* pad */ + 2 /* generalCompressionTypes */);
  writer.u16le(
      static_cast<std::uint16_t>((from.fast_path_output ? kFastPathOutputSupported : 0) |
                                 (from.long_credentials ? kLongCredentialsSupported : 0) |
                                 (from.auto_reconnect ? kAutoReconnectSupported : 0) |
                                 (from.no_bitmap_compression_header ? kNoBitmapCompressionHeader : 0)));
  writer.zeros(2 /* updateCapabilityFlag */ + 2 /* remoteUnshareFlag */ + 2 /* generalCompressionLevel */);
  writer.u8(from.refresh_rect);
  writer.u8(from.suppress_output);
}

void write_bitmap(ByteWriter& writer, const ClientCapabilities& from) {  // 2.2.7.1.2, 24 bytes
  writer.u16le(from.preferred_depth);
  for (int i = 0; i < 3; ++i) writer.u16le(1);  // receive1/4/8BitPerPixel
  writer.u16le(from.width);
  writer.u16le(from.height);
  writer.u16le(0);  // pad
  writer.u16le(from.desktop_resize);
  writer.u16le(1);  // bitmapCompressionFlag
  writer.u8(0);     // highColorFlags
  writer.u8(static_cast<std::uint8_t>((from.skip_alpha ? kDrawAllowSkipAlpha : 0) |
                                      (from.dynamic_color_fidelity ? kDrawAllowDynamicColorFidelity : 0) |
                                      (from.color_subsampling ? kDrawAllowColorSubsampling : 0)));
  writer.u16le(1);  // multipleRectangleSupport
  writer.u16le(0);  // pad
}

void write_order(ByteWriter& writer) {  // 2.2.7.1.3, 84 bytes: no orders at all
  writer.zeros(16 /* terminalDescriptor */ + 4 /* pad */);
  writer.u16le(1);   // desktopSaveXGranularity
  writer.u16le(20);  // desktopSaveYGranularity
  writer.u16le(0);   // pad
  writer.u16le(1);   // maximumOrderLevel
  writer.u16le(0);   // numberFonts
  writer.u16le(kNegotiateOrderSupport | kZeroBoundsDeltasSupport | kColorIndexSupport);
  writer.zeros(32 /* orderSupport */ + 2 /* textFlags */ + 2 /* orderSupportExFlags */ + 4 /* pad */);
  writer.zeros(4 /* desktopSaveSize */ + 2 /* pad */ + 2 /* pad */ + 2 /* textANSICodePage */ + 2 /* pad */);
}

void write_input(ByteWriter& writer, const ClientCapabilities& from) {  // 2.2.7.1.6, 84 bytes
  writer.u16le(from.input_flags);
  writer.u16le(0);  // pad
  writer.u32le(from.keyboard_layout);
  writer.u32le(4);   // keyboardType: IBM enhanced
  writer.u32le(0);   // keyboardSubType
  writer.u32le(12);  // keyboardFunctionKey
  writer.zeros(64);  // imeFileName
}

std::uint16_t write_sets(ByteWriter& writer, const ClientCapabilities& from) {
  std::uint16_t count = 0;
  auto zeros = [&](CapabilityType type, std::size_t size) {
    write_set(writer, type, count, [&] { writer.zeros(size); });
  };
  write_set(writer, CapabilityType::kGeneral, count, [&] { write_general(writer, from); });
  write_set(writer, CapabilityType::kBitmap, count, [&] { write_bitmap(writer, from); });
  write_set(writer, CapabilityType::kOrder, count, [&] { write_order(writer); });
  zeros(CapabilityType::kBitmapCache, 36);  // 2.2.7.1.4.1: three caches without entries
  write_set(writer, CapabilityType::kPointer, count, [&] {
    writer.u16le(1);  // colorPointerFlag
    writer.u16le(from.color_pointer_cache);
    writer.u16le(from.pointer_cache);
  });
  write_set(writer, CapabilityType::kInput, count, [&] { write_input(writer, from); });
  zeros(CapabilityType::kBrush, 4);           // 2.2.7.1.7: BRUSH_DEFAULT
  zeros(CapabilityType::kGlyphCache, 48);     // 2.2.7.1.8: GLYPH_SUPPORT_NONE
  zeros(CapabilityType::kOffscreenCache, 8);  // 2.2.7.1.9: not supported
  write_set(writer, CapabilityType::kVirtualChannel, count, [&] {
    writer.u32le(0);     // VCCAPS_NO_COMPR
    writer.u32le(1600);  // VCChunkSize
  });
  zeros(CapabilityType::kSound, 4);
  zeros(CapabilityType::kShare, 4);  // nodeId, pad
  write_set(writer, CapabilityType::kFont, count, [&] {
    writer.u16le(1);  // FONTSUPPORT_FONTLIST
    writer.u16le(0);
  });
  write_set(writer, CapabilityType::kControl, count, [&] {
    writer.zeros(2 /* controlFlags */ + 2 /* remoteDetachFlag */);
    writer.u16le(2);  // controlInterest: CONTROLPRIORITY_NEVER
    writer.u16le(2);  // detachInterest
  });
  zeros(CapabilityType::kActivation, 8);
  if (from.max_fragmented_update != 0) {
    write_set(writer, CapabilityType::kMultifragmentUpdate, count,
              [&] { writer.u32le(from.max_fragmented_update); });
  }
  if (from.pointer_96 || from.pointer_384) {
    write_set(writer, CapabilityType::kLargePointer, count, [&] {
      writer.u16le(static_cast<std::uint16_t>((from.pointer_96 ? kLargePointer96 : 0) |
                                              (from.pointer_384 ? kLargePointer384 : 0)));
    });
  }
  return count;
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
  ClientCapabilities out;
  TS_TRY(decode_sets(in, count, [&](CapabilityType type, ByteReader& set) { decode_set(type, set, out); }));
  return out;
}

Result<> decode_sets(ByteReader& in, std::size_t count,
                     const std::function<void(CapabilityType, ByteReader&)>& decode) {
  if (count > kMaxSets) return fail(ErrorCode::kMalformed, "there are {} capability sets", count);
  for (std::size_t i = 0; i < count; ++i) {
    std::uint16_t type = in.u16le();
    std::size_t length = in.u16le();
    if (in.failed() || length < 4 || length - 4 > in.remaining()) {
      return fail(ErrorCode::kMalformed, "capability set {} of type {} is cut short", i, type);
    }
    ByteReader set(in.take(length - 4));
    decode(static_cast<CapabilityType>(type), set);
    if (set.failed())
      return fail(ErrorCode::kMalformed, "capability set of type {} has only {} bytes", type, length);
  }
  return {};
}

void encode_confirm_active(const ShareEnd& client, const ClientCapabilities& capabilities, Bytes& out) {
  write_share_pdu(out, client, ShareType::kConfirmActive, [&](ByteWriter& writer) {
    writer.u32le(client.share_id);
    writer.u16le(kServerChannel);  // originatorId
    writer.u16le(static_cast<std::uint16_t>(kSourceDescriptor.size()));
    std::size_t length_at = writer.size();
    writer.u16le(0);
    writer.text(kSourceDescriptor);
    std::size_t count_at = writer.size();
    writer.u16le(0);
    writer.u16le(0);  // pad
    writer.patch_u16le(count_at, write_sets(writer, capabilities));
    writer.patch_u16le(length_at, static_cast<std::uint16_t>(writer.size() - count_at));
  });
}

}  // namespace ts::rdp
