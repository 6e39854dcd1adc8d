#include "lib/rdp/update_writer.h"

#include <algorithm>

#include "lib/rdp/fast_path.h"
#include "lib/rdp/pointer.h"
#include "lib/rdp/share.h"
#include "lib/rdp/update_types.h"

namespace ts::rdp {
namespace {

constexpr std::size_t kUpdateHeader = 2 /* updateType */ + 2 /* numberRectangles */;

constexpr std::size_t kRectHeader = 9 * 2 /* edges, size, depth, flags, length */;
constexpr std::size_t kCompressionHeader = 4 * 2;

// messageType of slow-path pointer PDUs (2.2.9.1.1.4), each followed by two bytes of padding.
constexpr std::uint16_t kPointerSystem = 1;
constexpr std::uint16_t kPointerPosition = 3;
constexpr std::uint16_t kPointerColor = 6;
constexpr std::uint16_t kPointerCached = 7;
constexpr std::uint16_t kPointerNew = 8;
constexpr std::size_t kSlowPointerHeader = 4;
constexpr std::uint32_t kSystemHidden = 0;
constexpr std::uint32_t kSystemDefault = 0x7F00;

constexpr std::uint16_t kMaxPointerSlots = 20;  // what Demand Active says

// Pixels each way: of any client; of those with large pointer flag 0x1; in large pointer updates (flag 0x2).
constexpr std::uint16_t kSmallPointer = 32;
constexpr std::uint16_t kMediumPointer = 96;
constexpr std::uint16_t kLargePointer = 384;

std::size_t bytes_per_pixel(std::uint16_t depth) {
  return (depth + 7u) / 8;
}
std::size_t row_bytes(const BitmapRect& rect) {
  return rect.width * bytes_per_pixel(rect.depth);
}

// Splits a raw bitmap into bands of `rows`: data has the lowest rows first.
std::vector<BitmapRect> bands(const BitmapRect& rect, std::size_t rows) {
  std::vector<BitmapRect> out;
  std::size_t row = row_bytes(rect);
  for (std::size_t done = 0; done < rect.height; done += rows) {
    std::size_t count = std::min(rows, rect.height - done);
    BitmapRect band = rect;
    band.bottom = static_cast<std::uint16_t>(rect.bottom - done);
    band.top = static_cast<std::uint16_t>(band.bottom + 1 - count);
    band.height = static_cast<std::uint16_t>(count);
    band.data = rect.data.subspan(done * row, count * row);
    out.push_back(band);
  }
  return out;
}

}  // namespace

std::size_t UpdateWriter::max_update() const {
  return capabilities_.fast_path_output ? kMaxFastPathData : kMaxMcsData - kShareDataHeader;
}

std::size_t UpdateWriter::max_fragmented() const {
  if (!capabilities_.fast_path_output) return max_update();
  return std::max<std::size_t>(max_update(), capabilities_.max_fragmented_update);
}

std::size_t UpdateWriter::max_compressed() const {
  std::size_t headers = kUpdateHeader + kRectHeader + kCompressionHeader;
  return std::min<std::size_t>(0xFFFF - kCompressionHeader, max_fragmented() - headers);
}

std::size_t UpdateWriter::bitmap_header(const BitmapRect& rect) const {
  bool compression_header = rect.compressed && !capabilities_.no_bitmap_compression_header;
  return kRectHeader + (compression_header ? kCompressionHeader : 0);
}

Result<> UpdateWriter::check(const BitmapRect& rect) const {
  bool depth_known =
      rect.depth == 8 || rect.depth == 15 || rect.depth == 16 || rect.depth == 24 || rect.depth == 32;
  bool sizes_agree = rect.left <= rect.right && rect.top <= rect.bottom && rect.width % 4 == 0 &&
                     rect.width > rect.right - rect.left && rect.height == rect.bottom - rect.top + 1;
  if (!depth_known || !sizes_agree) {
    return fail(ErrorCode::kInternal, "bitmap of {}x{} at {} bits does not fit {},{} to {},{}", rect.width,
                rect.height, rect.depth, rect.left, rect.top, rect.right, rect.bottom);
  }
  bool fits = rect.compressed ? rect.data.size() <= max_compressed()
                              : rect.data.size() == row_bytes(rect) * rect.height &&
                                    kUpdateHeader + kRectHeader + row_bytes(rect) <= max_update();
  if (!fits) {
    return fail(ErrorCode::kInternal, "bitmap of {}x{} at {} bits has {} bytes", rect.width, rect.height,
                rect.depth, rect.data.size());
  }
  return {};
}

Result<> UpdateWriter::bitmaps(std::span<const BitmapRect> rects, Bytes& out) const {
  for (const auto& rect : rects) TS_TRY(check(rect));
  std::vector<BitmapRect> waiting;
  std::size_t size = kUpdateHeader;
  auto flush = [&] {
    if (!waiting.empty()) write_bitmap_update(waiting, out);
    waiting.clear();
    size = kUpdateHeader;
  };
  auto add = [&](const BitmapRect& rect) {
    std::size_t needed = bitmap_header(rect) + rect.data.size();
    if (size + needed > max_update()) flush();
    waiting.push_back(rect);
    size += needed;
  };
  for (const auto& rect : rects) {
    std::size_t room = max_update() - kUpdateHeader - kRectHeader;
    if (rect.compressed || rect.data.size() <= room) {
      add(rect);
    } else {
      for (const auto& band : bands(rect, room / row_bytes(rect))) add(band);
    }
  }
  flush();
  return {};
}

void UpdateWriter::write_bitmap_update(std::span<const BitmapRect> rects, Bytes& out) const {
  Bytes data;
  ByteWriter writer(data);
  writer.u16le(kUpdateBitmap);
  writer.u16le(static_cast<std::uint16_t>(rects.size()));
  bool no_header = capabilities_.no_bitmap_compression_header;
  for (const auto& rect : rects) {
    for (auto value : {rect.left, rect.top, rect.right, rect.bottom, rect.width, rect.height, rect.depth}) {
      writer.u16le(value);
    }
    // Raw data has no flags at all: to rdesktop any flag means compressed.
    writer.u16le(!rect.compressed ? 0
                 : no_header      ? kBitmapCompression | kNoCompressionHeader
                                  : kBitmapCompression);
    writer.u16le(static_cast<std::uint16_t>(bitmap_header(rect) - kRectHeader + rect.data.size()));
    if (rect.compressed && !no_header) {
      writer.u16le(0);  // cbCompFirstRowSize
      writer.u16le(static_cast<std::uint16_t>(rect.data.size()));
      writer.u16le(rect.width);
      writer.u16le(static_cast<std::uint16_t>(row_bytes(rect) * rect.height));
    }
    writer.bytes(rect.data);
  }
  write_update(kFastPathBitmap, data, out);
}

void UpdateWriter::palette(std::span<const PaletteEntry, 256> colors, Bytes& out) const {
  Bytes data;
  ByteWriter writer(data);
  writer.u16le(kUpdatePalette);
  writer.u16le(0);  // pad
  writer.u32le(static_cast<std::uint32_t>(colors.size()));
  for (auto color : colors) {
    writer.u8(color.red);
    writer.u8(color.green);
    writer.u8(color.blue);
  }
  write_update(kFastPathPalette, data, out);
}

void UpdateWriter::write_update(std::uint8_t code, ByteView data, Bytes& out) const {
  if (capabilities_.fast_path_output) {
    write_fast_path(static_cast<FastPathCode>(code), data, out);
  } else {
    write_data_pdu(out, DataType::kUpdate, [&](ByteWriter& writer) { writer.bytes(data); });
  }
}

void UpdateWriter::write_pointer(std::uint8_t code, std::uint16_t message_type, ByteView data,
                                 Bytes& out) const {
  if (capabilities_.fast_path_output) return write_fast_path(static_cast<FastPathCode>(code), data, out);
  write_data_pdu(out, DataType::kPointer, [&](ByteWriter& writer) {
    writer.u16le(message_type);
    writer.u16le(0);
    writer.bytes(data);
  });
}

std::uint16_t UpdateWriter::pointer_slots() const {
  std::uint16_t theirs =
      capabilities_.pointer_cache ? capabilities_.pointer_cache : capabilities_.color_pointer_cache;
  return std::clamp<std::uint16_t>(theirs, 1, kMaxPointerSlots);
}

PointerLimits UpdateWriter::pointer_limits() const {
  bool color = capabilities_.pointer_cache == 0;
  std::size_t room = capabilities_.fast_path_output ? max_fragmented() : max_update() - kSlowPointerHeader;
  auto fits = [room](std::uint16_t size, PointerForm form) { return pointer_size(size, size, form) <= room; };
  std::uint16_t largest = kSmallPointer;
  if (capabilities_.pointer_384 && !color && capabilities_.fast_path_output &&
      fits(kLargePointer, PointerForm::kLarge)) {
    largest = kLargePointer;
  } else if ((capabilities_.pointer_96 || capabilities_.pointer_384) &&
             fits(kMediumPointer, color ? PointerForm::kColor : PointerForm::kNew)) {
    largest = kMediumPointer;
  }
  return {.bits_per_pixel = static_cast<std::uint16_t>(color ? 24 : 32), .largest = largest};
}

Result<> UpdateWriter::pointer_shape(const PointerMasks& masks, std::uint16_t cache_slot, Bytes& out) const {
  TS_TRY(check_pointer(masks, pointer_limits()));
  if (cache_slot >= pointer_slots()) {
    return fail(ErrorCode::kInternal, "pointer for slot {} of {}", cache_slot, pointer_slots());
  }
  PointerForm form = masks.bits_per_pixel == 24                              ? PointerForm::kColor
                     : std::max(masks.width, masks.height) <= kMediumPointer ? PointerForm::kNew
                                                                             : PointerForm::kLarge;
  static constexpr struct {
    FastPathCode code;
    std::uint16_t message_type;
  } kForms[] = {
      {kFastPathPointerColor, kPointerColor}, {kFastPathPointerNew, kPointerNew}, {kFastPathPointerLarge, 0}};
  auto [code, message_type] = kForms[static_cast<int>(form)];
  write_pointer(code, message_type, encode_pointer(masks, form, cache_slot), out);
  return {};
}

void UpdateWriter::cached_pointer(std::uint16_t cache_slot, Bytes& out) const {
  Bytes data;
  ByteWriter(data).u16le(cache_slot);
  write_pointer(kFastPathPointerCached, kPointerCached, data, out);
}

void UpdateWriter::hide_pointer(Bytes& out) const {
  Bytes data;
  if (!capabilities_.fast_path_output) ByteWriter(data).u32le(kSystemHidden);
  write_pointer(kFastPathPointerHidden, kPointerSystem, data, out);
}

void UpdateWriter::default_pointer(Bytes& out) const {
  Bytes data;
  if (!capabilities_.fast_path_output) ByteWriter(data).u32le(kSystemDefault);
  write_pointer(kFastPathPointerDefault, kPointerSystem, data, out);
}

void UpdateWriter::move_pointer(std::uint16_t x, std::uint16_t y, Bytes& out) const {
  Bytes data;
  ByteWriter writer(data);
  writer.u16le(x);
  writer.u16le(y);
  write_pointer(kFastPathPointerPosition, kPointerPosition, data, out);
}

}  // namespace ts::rdp
