#include "lib/codec/tiles.h"

#include <array>
#include <cassert>
#include <cstring>

#include "lib/codec/simd.h"

namespace ts::codec {
namespace {

/// Makes the compiler forget where a value came from, so that it cannot read shared memory a second time.
template <typename Value>
void read_once(Value& value) {
#if TS_CODEC_SSE2
  if constexpr (sizeof(Value) == 16) {
    asm volatile("" : "+x"(value));
    return;
  }
#endif
  asm volatile("" : "+r"(value));
}

/// Reads a row of at most a tile's width into `fresh`, other than `significant` bits cleared; whether it
/// differs from `old`.
bool read_row(const std::byte* shared, const std::uint32_t* old, int width, std::uint32_t significant,
              std::uint32_t* fresh) {
  int x = 0;
  bool differs = false;
#if TS_CODEC_SSE2
  const __m128i mask = _mm_set1_epi32(static_cast<int>(significant));
  __m128i changed = _mm_setzero_si128();
  for (; x + 4 <= width; x += 4) {
    __m128i pixels = _mm_loadu_si128(reinterpret_cast<const __m128i*>(shared + x * 4));
    read_once(pixels);
    pixels = _mm_and_si128(pixels, mask);
    _mm_storeu_si128(reinterpret_cast<__m128i*>(fresh + x), pixels);
    __m128i before = _mm_loadu_si128(reinterpret_cast<const __m128i*>(old + x));
    changed = _mm_or_si128(changed, _mm_xor_si128(pixels, before));
  }
  differs = _mm_movemask_epi8(_mm_cmpeq_epi8(changed, _mm_setzero_si128())) != 0xffff;
#endif
  for (; x < width; ++x) {
    std::uint32_t pixel;
    std::memcpy(&pixel, shared + static_cast<std::size_t>(x) * 4, 4);
    read_once(pixel);
    fresh[x] = pixel & significant;
    differs |= fresh[x] != old[x];
  }
  return differs;
}

}  // namespace

void SentPicture::reset(int width, int height, std::uint32_t significant_bits) {
  width_ = std::clamp(width, 0, kMaxPictureSize);
  height_ = std::clamp(height, 0, kMaxPictureSize);
  columns_ = (width_ + kTileSize - 1) / kTileSize;
  significant_bits_ = significant_bits & 0x00ffffff;
  auto rows = static_cast<std::size_t>((height_ + kTileSize - 1) / kTileSize);
  // What is in there means nothing until its tile is known.
  const auto count = static_cast<std::size_t>(width_) * static_cast<std::size_t>(height_);
  if (pixels_.size() != count) {
    pixels_.assign(count, 0);
    pixels_.shrink_to_fit();
  }
  tiles_.assign(static_cast<std::size_t>(columns_) * rows, Tile{});
  damaged_tiles_ = 0;
  turn_ = 0;
  damage({0, 0, width_, height_});
}

Rect SentPicture::area(std::size_t tile) const {
  int column = static_cast<int>(tile % static_cast<std::size_t>(columns_));
  int row = static_cast<int>(tile / static_cast<std::size_t>(columns_));
  int x = column * kTileSize, y = row * kTileSize;
  return {x, y, std::min(kTileSize, width_ - x), std::min(kTileSize, height_ - y)};
}

template <typename Function>
void SentPicture::each_tile(const Rect& rect, Function&& function) {
  Rect inside = intersect(rect, {0, 0, width_, height_});
  if (inside.empty()) return;
  int last_row = (inside.y + inside.height - 1) / kTileSize;
  int last_column = (inside.x + inside.width - 1) / kTileSize;
  for (int row = inside.y / kTileSize; row <= last_row; ++row) {
    for (int column = inside.x / kTileSize; column <= last_column; ++column) {
      std::size_t index = static_cast<std::size_t>(row) * static_cast<std::size_t>(columns_) +
                          static_cast<std::size_t>(column);
      function(tiles_[index], area(index), inside);
    }
  }
}

void SentPicture::damage(const Rect& rect) {
  each_tile(rect, [this](Tile& tile, const Rect& area, const Rect& inside) {
    Rect part = tile.known ? intersect(area, inside) : area;
    part.x -= area.x;
    part.y -= area.y;
    add_damage(tile, part);
  });
}

void SentPicture::forget(const Rect& rect) {
  each_tile(rect, [this](Tile& tile, const Rect& area, const Rect&) {
    tile.known = false;
    add_damage(tile, {0, 0, area.width, area.height});
  });
}

void SentPicture::add_damage(Tile& tile, const Rect& part) {
  auto left = static_cast<std::uint8_t>(part.x), right = static_cast<std::uint8_t>(part.x + part.width);
  auto top = static_cast<std::uint8_t>(part.y), bottom = static_cast<std::uint8_t>(part.y + part.height);
  if (!tile.damaged()) {
    tile = {left, top, right, bottom, tile.known};
    ++damaged_tiles_;
    return;
  }
  tile.left = std::min(tile.left, left);
  tile.top = std::min(tile.top, top);
  tile.right = std::max(tile.right, right);
  tile.bottom = std::max(tile.bottom, bottom);
}

std::optional<PixelBlock> SentPicture::next(const FrameView& frame) {
  while (damaged_tiles_ > 0) {
    while (!tiles_[turn_].damaged()) turn_ = after(turn_);
    Tile& tile = tiles_[turn_];
    Rect whole = area(turn_);
    turn_ = after(turn_);
    Rect damaged{whole.x + tile.left, whole.y + tile.top, tile.right - tile.left, tile.bottom - tile.top};
    Rect looked_at = intersect(damaged, {0, 0, frame.width(), frame.height()});
    bool was_known = tile.known;
    tile = {0, 0, 0, 0, was_known || looked_at == whole};
    --damaged_tiles_;
    if (looked_at.empty()) continue;
    Rect changed = take_over(frame, looked_at);
    if (!was_known) changed = looked_at;
    if (!was_known && looked_at == whole) widen(frame, changed);
    if (!changed.empty()) return block(changed);
  }
  turn_ = 0;
  return std::nullopt;
}

void SentPicture::widen(const FrameView& frame, Rect& merged) {
  if (!is_flat(block(merged))) return;
  const std::uint32_t colour = *block(merged).row(0);
  while (turn_ % static_cast<std::size_t>(columns_) != 0 && !tiles_[turn_].known && tiles_[turn_].damaged()) {
    const Rect next = area(turn_);
    if (intersect(next, {0, 0, frame.width(), frame.height()}) != next) return;
    take_over(frame, next);
    // Else it stays unknown, and is taken over anew when it is its turn.
    if (!is_flat(block(next)) || *block(next).row(0) != colour) return;
    tiles_[turn_] = {.known = true};
    --damaged_tiles_;
    merged.width += next.width;
    turn_ = after(turn_);
  }
}

Rect SentPicture::take_over(const FrameView& frame, const Rect& rect) {
  alignas(16) std::array<std::uint32_t, kTileSize> fresh;
  int left = rect.width, right = -1, top = -1, bottom = -1;
  std::uint32_t* old = pixels_.data() + static_cast<std::size_t>(rect.y) * static_cast<std::size_t>(width_) +
                       static_cast<std::size_t>(rect.x);
  for (int y = 0; y < rect.height; ++y, old += width_) {
    const std::byte* shared = frame.row(rect.y + y) + static_cast<std::size_t>(rect.x) * 4;
    if (!read_row(shared, old, rect.width, significant_bits_, fresh.data())) continue;
    if (top < 0) top = y;
    bottom = y;
    // Only what lies outside the columns that are known to have changed needs a look.
    for (int x = 0; x < left; ++x) {
      if (fresh[static_cast<std::size_t>(x)] != old[x]) left = x;
    }
    for (int x = rect.width - 1; x > right; --x) {
      if (fresh[static_cast<std::size_t>(x)] != old[x]) right = x;
    }
    std::memcpy(old, fresh.data(), static_cast<std::size_t>(rect.width) * sizeof(std::uint32_t));
  }
  if (top < 0) return {};
  return {rect.x + left, rect.y + top, right - left + 1, bottom - top + 1};
}

PixelBlock SentPicture::block(const Rect& rect) const {
  assert(intersect(rect, {0, 0, width_, height_}) == rect);
  auto stride = static_cast<std::size_t>(width_);
  return {pixels_.data() + static_cast<std::size_t>(rect.y) * stride + static_cast<std::size_t>(rect.x),
          stride, rect};
}

}  // namespace ts::codec
