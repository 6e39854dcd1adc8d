// The server's half of capabilities.h: Demand Active, written and read.
#include "lib/rdp/capability_types.h"
#include "lib/rdp/share.h"

namespace ts::rdp {
namespace {

constexpr std::uint16_t kOsMajorUnix = 4;
constexpr std::uint16_t kOsMinorNativeX = 7;
constexpr std::uint16_t kProtocolVersion = 0x0200;
constexpr std::uint32_t kChannelChunk = 1600;  // bytes of one chunk on a static channel
constexpr std::uint16_t kPointerSlots = 20;    // both ways: more than 25 is beyond what clients have
// Enough for the largest pointer: 384 x 384 in 32 bits with its mask and headers.
constexpr std::uint32_t kMaxFragmentedUpdate = 608299;
constexpr std::string_view kSourceDescriptor("RDP\0", 4);

void write_general(ByteWriter& writer) {  // 2.2.7.1.1, 20 bytes
  writer.u16le(kOsMajorUnix);
  writer.u16le(kOsMinorNativeX);
  writer.u16le(kProtocolVersion);
  writer.u16le(0);  // pad
  writer.u16le(0);  // generalCompressionTypes
  writer.u16le(kFastPathOutputSupported | kLongCredentialsSupported | kAutoReconnectSupported |
               kNoBitmapCompressionHeader);
  writer.zeros(2 /* updateCapabilityFlag */ + 2 /* remoteUnshareFlag */ + 2 /* generalCompressionLevel */);
  writer.u8(1);  // refreshRectSupport
  writer.u8(1);  // suppressOutputSupport
}

void write_bitmap(ByteWriter& writer, std::uint16_t width, std::uint16_t height, std::uint16_t depth) {
  writer.u16le(depth);  // 2.2.7.1.2, 24 bytes; clients take this depth, whatever they asked for
  writer.u16le(1);      // receive1BitPerPixel
  writer.u16le(1);      // receive4BitsPerPixel
  writer.u16le(1);      // receive8BitsPerPixel
  writer.u16le(width);
  writer.u16le(height);
  writer.u16le(0);  // pad
  writer.u16le(1);  // desktopResizeFlag: without it FreeRDP keeps its own size
  writer.u16le(1);  // bitmapCompressionFlag
  writer.u8(0);     // highColorFlags
  writer.u8(kDrawAllowSkipAlpha);
  writer.u16le(1);  // multipleRectangleSupport
  writer.u16le(0);  // pad
}

void write_order(ByteWriter& writer) {  // 2.2.7.1.3, 84 bytes: no orders at all
  writer.zeros(16 /* terminalDescriptor */ + 4 /* pad */);
  writer.u16le(1);                                                  // desktopSaveXGranularity
  writer.u16le(20);                                                 // desktopSaveYGranularity
  writer.u16le(0);                                                  // pad
  writer.u16le(1);                                                  // maximumOrderLevel
  writer.u16le(0);                                                  // numberFonts
  writer.u16le(kNegotiateOrderSupport | kZeroBoundsDeltasSupport);  // both must be set
  writer.zeros(32 /* orderSupport */ + 2 /* textFlags */ + 2 /* orderSupportExFlags */ + 4 /* pad */);
  writer.zeros(4 /* desktopSaveSize */ + 2 /* pad */ + 2 /* pad */ + 2 /* textANSICodePage */ + 2 /* pad */);
}

void write_input(ByteWriter& writer) {  // 2.2.7.1.6, 84 bytes
  writer.u16le(kInputScancodes | kInputMouseX | kInputFastPath | kInputUnicode | kInputFastPath2 |
               kInputMouseHwheel);
  writer.u16le(0);  // pad
  writer.zeros(4 /* layout */ + 4 /* type */ + 4 /* subtype */ + 4 /* function keys */ +
               64 /* imeFileName */);
}

std::uint16_t write_sets(ByteWriter& writer, std::uint16_t width, std::uint16_t height, std::uint16_t depth) {
  std::uint16_t count = 0;
  write_set(writer, CapabilityType::kShare, count, [&] {
    writer.u16le(kServerChannel);
    writer.u16le(0);
  });
  write_set(writer, CapabilityType::kGeneral, count, [&] { write_general(writer); });
  write_set(writer, CapabilityType::kVirtualChannel, count, [&] {
    writer.u32le(0);  // no compression either way
    writer.u32le(kChannelChunk);
  });
  write_set(writer, CapabilityType::kFont, count, [&] {
    writer.u16le(1);  // FONTSUPPORT_FONTLIST
    writer.u16le(0);
  });
  write_set(writer, CapabilityType::kBitmap, count, [&] { write_bitmap(writer, width, height, depth); });
  write_set(writer, CapabilityType::kOrder, count, [&] { write_order(writer); });
  write_set(writer, CapabilityType::kPointer, count, [&] {
    writer.u16le(1);  // colorPointerFlag
    writer.u16le(kPointerSlots);
    writer.u16le(kPointerSlots);
  });
  write_set(writer, CapabilityType::kInput, count, [&] { write_input(writer); });
  write_set(writer, CapabilityType::kMultifragmentUpdate, count, [&] { writer.u32le(kMaxFragmentedUpdate); });
  write_set(writer, CapabilityType::kLargePointer, count,
            [&] { writer.u16le(kLargePointer96 | kLargePointer384); });
  return count;
}

void decode_set(CapabilityType type, ByteReader& in, ServerCapabilities& out) {
  if (type == CapabilityType::kBitmap) {
    out.depth = in.u16le();
    in.skip(3 * 2 /* receive1/4/8BitPerPixel */);
    out.width = in.u16le();
    out.height = in.u16le();
  } else if (type == CapabilityType::kInput) {
    out.input_flags = in.u16le();
  }
}

}  // namespace

Result<ServerCapabilities> decode_demand_active(ByteView body) {
  ByteReader in(body);
  ServerCapabilities out;
  out.share_id = in.u32le();
  std::size_t descriptor = in.u16le();
  in.skip(2 /* lengthCombinedCapabilities: the sets' own lengths say as much */);
  in.skip(descriptor);
  std::size_t count = in.u16le();
  in.skip(2 /* pad */);
  if (in.failed()) return fail(ErrorCode::kMalformed, "demand active is cut short");
  TS_TRY(decode_sets(in, count, [&](CapabilityType type, ByteReader& set) { decode_set(type, set, out); }));
  return out;
}

void encode_demand_active(std::uint16_t width, std::uint16_t height, std::uint16_t depth, Bytes& out) {
  write_share_pdu(out, ShareType::kDemandActive, [&](ByteWriter& writer) {
    writer.u32le(kShareId);
    writer.u16le(static_cast<std::uint16_t>(kSourceDescriptor.size()));
    std::size_t length_at = writer.size();
    writer.u16le(0);
    writer.text(kSourceDescriptor);
    std::size_t count_at = writer.size();
    writer.u16le(0);
    writer.u16le(0);  // pad
    std::uint16_t count = write_sets(writer, width, height, depth);
    writer.patch_u16le(count_at, count);
    writer.patch_u16le(length_at, static_cast<std::uint16_t>(writer.size() - count_at));
    writer.u32le(0);  // sessionId: unused, but FreeRDP wants it there
  });
}

void encode_deactivate_all(Bytes& out) {
  write_share_pdu(out, ShareType::kDeactivateAll, [](ByteWriter& writer) {
    writer.u32le(kShareId);
    writer.u16le(1);  // lengthSourceDescriptor
    writer.u8(0);
  });
}

}  // namespace ts::rdp
