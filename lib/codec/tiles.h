// SentPicture remembers what the client was last sent and finds what differs from it, in tiles of 64 x 64.
//
// How a stack uses it, frame by frame:
//   picture.reset(width, height, BitmapEncoder::significant_bits(depth));    // attached, resized, new depth
//   for (rect of a Damage message) picture.damage(rect);
//   while (there is room in the output && (block = picture.next(frame))) encoder.encode(*block, sink);
// Damage that was not looked at for want of room stays, and is compared later with the pixels of then: a slow
// client gets fewer and newer frames. Tiles take turns, so none starves.
//
// INVARIANT: a pixel of a known tile is in our copy as the client has it, given that every block from next()
// is encoded and sent before the following call. next() reads each shared pixel exactly once: what was
// compared is what is remembered, and what the encoder sees, whatever is drawn meanwhile.
//
// Memory: one copy of the picture and five bytes a tile. Pure, does not block.
#pragma once

#include <optional>
#include <vector>

#include "lib/codec/picture.h"

namespace ts::codec {

inline constexpr int kTileSize = 64;

class SentPicture {
 public:
  /// A client that knows nothing: all of the picture is to be sent, at this size. `significant_bits` are
  /// those of a pixel (0x00RRGGBB) that the client's depth can show; a change in others is none.
  void reset(int width, int height, std::uint32_t significant_bits = 0x00ffffff);

  int width() const { return width_; }
  int height() const { return height_; }

  /// These pixels may have changed. Clipped to the picture.
  void damage(const Rect& rect);

  /// The client lost these pixels (refresh rect): its tiles are to be sent whether they changed or not.
  void forget(const Rect& rect);

  /// Whether next() has something to look at; there may turn out to be no change.
  bool has_damage() const { return damaged_tiles_ > 0; }

  /// Looks at damaged tiles until one has changed: takes its pixels over from `frame` and returns the
  /// smallest rectangle that holds all its changes, or nothing when all damage was looked at. A block never
  /// leaves its tile, but for tiles side by side that the client does not know and that are all of one
  /// colour: clients paint few large rectangles faster than many small ones. It is good until the next call
  /// of a function that is not const. What `frame` does not cover is dropped.
  std::optional<PixelBlock> next(const FrameView& frame);

  /// What the client has in `rect`, which must lie within the picture.
  PixelBlock block(const Rect& rect) const;

 private:
  // What of a tile is to be looked at, in pixels from its corner; nothing when right is 0.
  struct Tile {
    std::uint8_t left = 0, top = 0, right = 0, bottom = 0;
    bool known = false;

    bool damaged() const { return right != 0; }
  };

  Rect area(std::size_t tile) const;
  std::size_t after(std::size_t tile) const { return tile + 1 == tiles_.size() ? 0 : tile + 1; }
  template <typename Function>
  void each_tile(const Rect& rect, Function&& function);
  void add_damage(Tile& tile, const Rect& part);
  /// Widens `block`, the last one looked at, by those after it in its row that belong to it.
  void widen(const FrameView& frame, Rect& block);
  /// Copies `rect` from the frame; the smallest rectangle of it that differed.
  Rect take_over(const FrameView& frame, const Rect& rect);

  int width_ = 0;
  int height_ = 0;
  int columns_ = 0;
  std::uint32_t significant_bits_ = 0x00ffffff;
  std::vector<std::uint32_t> pixels_;  // width_ * height_
  std::vector<Tile> tiles_;
  std::size_t damaged_tiles_ = 0;
  std::size_t turn_ = 0;  // the tile to look at next
};

}  // namespace ts::codec
