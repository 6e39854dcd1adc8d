// Turns what changed on the desktop into updates for this client: tiles against what it was last sent, the
// encoder that it takes, the pointer with its cache. Writes PDUs into a buffer; when, is the connection's
// decision.
#pragma once

#include <deque>
#include <memory>
#include <vector>

#include "cmd/tsstack/display_link.h"
#include "lib/codec/bitmap_encoder.h"
#include "lib/codec/tiles.h"
#include "lib/rdp/events.h"
#include "lib/rdp/update_writer.h"

namespace ts::stack {

class Painter {
 public:
  /// A client that shows nothing yet, with empty caches: after each Activated.
  /// A client of this size is coming: takes the memory for its picture, while there is time.
  void expect(int width, int height) { picture_.reset(width, height); }
  void activate(const rdp::Activated& client, const rdp::UpdateWriter& writer, Bytes& out);

  void damage(const codec::Rect& rect) { picture_.damage(rect); }
  /// Cursors of another display come: their serials say nothing about what the client has.
  void forget_cursors() {
    cached_cursors_.clear();
    next_slot_ = 0;
  }
  /// The client lost these pixels; empty: all.
  void forget(codec::Rect rect);
  bool has_work() const { return picture_.has_damage(); }

  /// Writes updates until about `budget` bytes are in `out` or nothing is left to send.
  Result<> paint(const codec::FrameView& frame, const rdp::UpdateWriter& writer, std::size_t budget,
                 Bytes& out);

  Result<> show_cursor(const Cursor& cursor, const rdp::UpdateWriter& writer, Bytes& out);

 private:
  rdp::ClientCapabilities capabilities_;
  codec::SentPicture picture_;
  std::unique_ptr<codec::Encoder> encoder_;
  std::deque<std::uint32_t> cached_cursors_;  // serials; the place is the client's slot
  std::size_t next_slot_ = 0;
};

}  // namespace ts::stack
