#include "cmd/tsstack/painter.h"

#include <algorithm>

#include "lib/codec/palette.h"
#include "lib/codec/pointer_shape.h"

namespace ts::stack {
namespace {

// Keeps a copy of what the encoder lends, until there is enough for a PDU.
class Batch final : public codec::EncodedSink {
 public:
  void put(const codec::EncodedRect& rect) override {
    places_.push_back({rect, data_.size()});
    data_.insert(data_.end(), rect.data.begin(), rect.data.end());
  }
  std::size_t size() const { return data_.size(); }

  Result<> write(const rdp::UpdateWriter& writer, Bytes& out) {
    std::vector<rdp::BitmapRect> rects;
    for (const auto& [rect, at] : places_)
      rects.push_back({.left = static_cast<std::uint16_t>(rect.left),
                       .top = static_cast<std::uint16_t>(rect.top),
                       .right = static_cast<std::uint16_t>(rect.right),
                       .bottom = static_cast<std::uint16_t>(rect.bottom),
                       .width = static_cast<std::uint16_t>(rect.width),
                       .height = static_cast<std::uint16_t>(rect.height),
                       .depth = static_cast<std::uint16_t>(rect.bits_per_pixel),
                       .compressed = rect.compressed,
                       .data = ByteView(data_).subspan(at, rect.data.size())});
    places_.clear();
    auto written = writer.bitmaps(rects, out);
    data_.clear();
    return written;
  }

 private:
  struct Place {
    codec::EncodedRect rect;
    std::size_t at;
  };
  Bytes data_;
  std::vector<Place> places_;
};

}  // namespace

void Painter::activate(const rdp::Activated& client, const rdp::UpdateWriter& writer, Bytes& out) {
  capabilities_ = client.capabilities;
  auto depth = static_cast<codec::Depth>(client.depth);
  picture_.reset(client.width, client.height, codec::BitmapEncoder::significant_bits(depth));
  encoder_ = std::make_unique<codec::BitmapEncoder>(codec::BitmapOptions{.depth = depth});
  cached_cursors_.clear();
  next_slot_ = 0;
  if (depth == codec::Depth::k8) {
    std::array<rdp::PaletteEntry, 256> colors;
    std::ranges::transform(codec::palette(), colors.begin(), [](const auto& c) {
      return rdp::PaletteEntry{c.red, c.green, c.blue};
    });
    writer.palette(colors, out);
  }
}

void Painter::forget(codec::Rect rect) {
  picture_.forget(rect.empty() ? codec::Rect{0, 0, picture_.width(), picture_.height()} : rect);
}

Result<> Painter::paint(const codec::FrameView& frame, const rdp::UpdateWriter& writer, std::size_t budget,
                        Bytes& out) {
  constexpr std::size_t kBatch = 32 * 1024;  // bytes of rectangles before they are packed
  Batch batch;
  while (out.size() < budget) {
    auto block = picture_.next(frame);
    if (!block) break;
    encoder_->encode(*block, batch);
    if (batch.size() >= kBatch) TS_TRY(batch.write(writer, out));
    if (out.size() + batch.size() >= budget) break;
  }
  return batch.write(writer, out);
}

Result<> Painter::show_cursor(const Cursor& cursor, const rdp::UpdateWriter& writer, Bytes& out) {
  if (cursor.pixels.empty()) {
    writer.hide_pointer(out);
    return {};
  }
  auto cached = std::ranges::find(cached_cursors_, cursor.serial);
  if (cached != cached_cursors_.end()) {
    writer.cached_pointer(static_cast<std::uint16_t>(cached - cached_cursors_.begin()), out);
    return {};
  }
  auto limits = writer.pointer_limits();
  codec::CursorImage image{cursor.width, cursor.height, cursor.hot_x, cursor.hot_y, cursor.pixels};
  TS_TRY_ASSIGN(auto shape, codec::make_pointer(image, limits.bits_per_pixel, limits.largest));
  if (shape.hidden) {
    writer.hide_pointer(out);
    return {};
  }
  std::size_t slot = next_slot_ % std::max<std::size_t>(1, writer.pointer_slots());
  rdp::PointerMasks masks{.width = static_cast<std::uint16_t>(shape.width),
                          .height = static_cast<std::uint16_t>(shape.height),
                          .hot_x = static_cast<std::uint16_t>(shape.hot_x),
                          .hot_y = static_cast<std::uint16_t>(shape.hot_y),
                          .bits_per_pixel = limits.bits_per_pixel,
                          .xor_mask = shape.xor_mask,
                          .and_mask = shape.and_mask};
  TS_TRY(writer.pointer_shape(masks, static_cast<std::uint16_t>(slot), out));
  // Only now: the client has no shape in this slot if writing it failed.
  if (cached_cursors_.size() <= slot) cached_cursors_.resize(slot + 1);
  cached_cursors_[slot] = cursor.serial;
  ++next_slot_;
  return {};
}

}  // namespace ts::stack
