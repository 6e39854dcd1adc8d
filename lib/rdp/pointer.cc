#include "lib/rdp/pointer.h"

namespace ts::rdp {
namespace {

// Rows of both masks are padded to two bytes.
std::size_t mask_size(std::size_t width, std::size_t height, std::size_t bits_per_pixel) {
  return (width * bits_per_pixel + 15) / 16 * 2 * height;
}

}  // namespace

Result<> check_pointer(const PointerMasks& masks, const PointerLimits& limits) {
  bool shown = masks.width > 0 && masks.height > 0 && masks.width <= limits.largest &&
               masks.height <= limits.largest && masks.bits_per_pixel == limits.bits_per_pixel;
  if (!shown) {
    return fail(ErrorCode::kInternal, "pointer of {}x{} at {} bits for a client that takes {}x{} at {}",
                masks.width, masks.height, masks.bits_per_pixel, limits.largest, limits.largest,
                limits.bits_per_pixel);
  }
  bool agrees = masks.hot_x < masks.width && masks.hot_y < masks.height &&
                masks.xor_mask.size() == mask_size(masks.width, masks.height, masks.bits_per_pixel) &&
                masks.and_mask.size() == mask_size(masks.width, masks.height, 1);
  if (!agrees) {
    return fail(ErrorCode::kInternal,
                "pointer of {}x{} at {} bits has its hot spot at {},{} and masks of {} and {} bytes",
                masks.width, masks.height, masks.bits_per_pixel, masks.hot_x, masks.hot_y,
                masks.xor_mask.size(), masks.and_mask.size());
  }
  return {};
}

std::size_t pointer_size(std::size_t width, std::size_t height, PointerForm form) {
  std::size_t header = 5 * 2 /* cacheIndex, hot spot, size */ +
                       (form == PointerForm::kColor ? 0 : 2 /* xorBpp */) +
                       2 * (form == PointerForm::kLarge ? 4 : 2) /* lengths */;
  return header + mask_size(width, height, form == PointerForm::kColor ? 24 : 32) +
         mask_size(width, height, 1);
}

Bytes encode_pointer(const PointerMasks& masks, PointerForm form, std::uint16_t cache_slot) {
  Bytes out;
  out.reserve(pointer_size(masks.width, masks.height, form));
  ByteWriter writer(out);
  if (form != PointerForm::kColor) writer.u16le(masks.bits_per_pixel);
  for (auto value : {cache_slot, masks.hot_x, masks.hot_y, masks.width, masks.height}) writer.u16le(value);
  for (std::size_t size : {masks.and_mask.size(), masks.xor_mask.size()}) {
    form == PointerForm::kLarge ? writer.u32le(static_cast<std::uint32_t>(size))
                                : writer.u16le(static_cast<std::uint16_t>(size));
  }
  writer.bytes(masks.xor_mask);
  writer.bytes(masks.and_mask);
  return out;
}

}  // namespace ts::rdp
