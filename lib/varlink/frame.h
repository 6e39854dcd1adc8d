// Varlink on the wire: JSON objects, each ended by a NUL byte. FrameReader cuts a byte stream into frames
// under a size limit and says which frame a descriptor came with; parse_object() turns one into JSON under
// limits of nesting and string length. Pure: bytes in, frames out. What is read here is hostile.
#pragma once

#include <cstddef>
#include <deque>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/bytes.h"
#include "lib/base/result.h"
#include "lib/base/unique_fd.h"

namespace ts::varlink {

struct Limits {
  std::size_t frame_bytes = 64 * 1024;  // one frame without its NUL
  std::size_t nesting = 16;             // objects and arrays inside each other
  std::size_t string_bytes = 4096;      // one string or key, as written (escapes counted as they stand)
};

/// What a client of ours takes from a daemon: lists of sessions and interface descriptions are long.
inline constexpr Limits kReplyLimits{1024 * 1024, 16, 64 * 1024};

struct Frame {
  std::string text;
  std::vector<UniqueFd> fds;
};

class FrameReader {
 public:
  explicit FrameReader(Limits limits) : limits_(limits) {}

  /// Takes what one receive brought. Fails when a frame passes its limit or is empty: the connection is to be
  /// ended.
  Result<> feed(ByteView bytes, std::vector<UniqueFd> fds);
  /// The next whole frame, in order.
  std::optional<Frame> next();
  /// What is taken in and not handed out, whole frames or not: its bytes, and what keeping each whole frame
  /// costs besides. This is what a reader bounds: a sender of tiny frames is not cheaper than one of large
  /// ones.
  std::size_t buffered() const { return buffered_ + ready_.size() * sizeof(Frame); }

 private:
  Limits limits_;
  Frame partial_;
  std::deque<Frame> ready_;
  std::size_t buffered_ = 0;  // bytes of text
};

/// Parses one frame, which has to be a JSON object in UTF-8.
Result<nlohmann::json> parse_object(std::string_view text, const Limits& limits);

/// The bytes of a frame, its NUL included; invalid UTF-8 inside strings becomes U+FFFD.
Bytes frame_bytes(const nlohmann::json& object);

}  // namespace ts::varlink
