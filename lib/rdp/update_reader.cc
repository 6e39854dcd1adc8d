#include "lib/rdp/update_reader.h"

#include "lib/rdp/fast_path.h"
#include "lib/rdp/update_types.h"

namespace ts::rdp {
namespace {

constexpr std::uint8_t kFastPathEncrypted =
    0xC0;  // of the first byte: checksum and encryption, RDP security only
constexpr std::uint8_t kCompressionPresent = 2;  // upper two bits of updateHeader
constexpr std::uint8_t kPacketCompressed = 0x20;

Result<BitmapPiece> decode_piece(ByteReader& in) {
  BitmapPiece piece;
  piece.left = in.u16le();
  piece.top = in.u16le();
  piece.right = in.u16le();
  piece.bottom = in.u16le();
  piece.width = in.u16le();
  piece.height = in.u16le();
  piece.depth = in.u16le();
  std::uint16_t flags = in.u16le();
  ByteView data = in.take(in.u16le());
  piece.compressed = flags & kBitmapCompression;
  if (piece.compressed && !(flags & kNoCompressionHeader) && in.ok()) {
    ByteReader inner(data);
    inner.skip(2 /* cbCompFirstRowSize */);
    std::size_t size = inner.u16le();
    inner.skip(2 /* cbScanWidth */ + 2 /* cbUncompressedSize */);
    data = inner.take(size);
    if (inner.failed()) in.set_failed();
  }
  if (in.failed()) return fail(ErrorCode::kMalformed, "bitmap update is cut short");
  if (piece.left > piece.right || piece.top > piece.bottom) {
    return fail(ErrorCode::kMalformed, "bitmap update for {},{} to {},{}", piece.left, piece.top, piece.right,
                piece.bottom);
  }
  piece.data.assign(data.begin(), data.end());
  return piece;
}

Result<> decode_bitmaps(ByteReader& in, std::vector<ServerEvent>& events) {
  std::size_t count = in.u16le();
  if (in.failed()) return fail(ErrorCode::kMalformed, "bitmap update is cut short");
  BitmapUpdate update;
  for (std::size_t i = 0; i < count; ++i) {
    TS_TRY_ASSIGN(BitmapPiece piece, decode_piece(in));
    update.pieces.push_back(std::move(piece));
  }
  events.emplace_back(std::move(update));
  return {};
}

Result<> decode_palette(ByteReader& in, std::vector<ServerEvent>& events) {
  in.skip(2 /* pad */);
  std::uint32_t count = in.u32le();
  PaletteUpdate update;
  if (in.ok() && count != update.colors.size())
    return fail(ErrorCode::kMalformed, "palette update has {} colours", count);
  for (auto& color : update.colors) color = {in.u8(), in.u8(), in.u8()};
  if (in.failed()) return fail(ErrorCode::kMalformed, "palette update is cut short");
  events.emplace_back(update);
  return {};
}

// The data of bitmap and palette updates starts with their type on both paths.
Result<> decode_update(ByteView data, std::vector<ServerEvent>& events) {
  ByteReader in(data);
  std::uint16_t type = in.u16le();
  if (in.failed()) return fail(ErrorCode::kMalformed, "update is cut short");
  if (type == kUpdateBitmap) return decode_bitmaps(in, events);
  if (type == kUpdatePalette) return decode_palette(in, events);
  return {};
}

Result<> decode_fast_update(std::uint8_t code, ByteView data, std::vector<ServerEvent>& events) {
  if (code == kFastPathBitmap || code == kFastPathPalette) return decode_update(data, events);
  return {};
}

}  // namespace

Result<> UpdateReader::fast_path(ByteView pdu, std::vector<ServerEvent>& events) {
  ByteReader in(pdu);
  std::uint8_t first = in.u8();
  if (first & kFastPathEncrypted) return fail(ErrorCode::kMalformed, "fast-path update is encrypted");
  if (in.u8() & 0x80) in.skip(1);  // the length, which cut this PDU off the stream
  if (in.failed()) return fail(ErrorCode::kMalformed, "fast-path PDU is cut short");
  while (!in.at_end()) {
    std::uint8_t header = in.u8();
    std::uint8_t compression = header >> 6 == kCompressionPresent ? in.u8() : 0;
    ByteView data = in.take(in.u16le());
    if (in.failed()) return fail(ErrorCode::kMalformed, "fast-path update is cut short");
    if (compression & kPacketCompressed) return fail(ErrorCode::kMalformed, "fast-path update is compressed");
    TS_TRY(fragment(header & 0x0F, header >> 4 & 3, data, events));
  }
  return {};
}

Result<> UpdateReader::fragment(std::uint8_t code, std::uint8_t place, ByteView data,
                                std::vector<ServerEvent>& events) {
  bool starts = place == kSingle || place == kFirst;
  if (starts == open_ || (open_ && code != open_code_)) {
    return fail(ErrorCode::kMalformed, "fast-path fragment {} of update {} out of turn", place, code);
  }
  if (place == kSingle) return decode_fast_update(code, data, events);
  if (fragments_.size() + data.size() > kMaxReassembledUpdate) {
    return fail(ErrorCode::kMalformed, "fast-path update is longer than {} bytes", kMaxReassembledUpdate);
  }
  open_ = true;
  open_code_ = code;
  fragments_.insert(fragments_.end(), data.begin(), data.end());
  if (place != kLast) return {};
  Bytes whole = std::move(fragments_);
  reset();
  return decode_fast_update(code, whole, events);
}

Result<> UpdateReader::slow_path(ByteView body, std::vector<ServerEvent>& events) {
  return decode_update(body, events);
}

void UpdateReader::reset() {
  open_ = false;
  fragments_.clear();
}

}  // namespace ts::rdp
