// Bounded cursors over bytes: the only way in which protocol code reads and writes.
//
// ByteReader never reads past its span: a getter that would sets failed() and returns zero or an empty span,
// and so does every later one. Decoders therefore read a whole structure and check ok() once before they use
// or loop on what they read. ByteWriter appends to a vector that the caller owns.
// Suffixes: le / be are the byte orders; sizes are in bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

namespace ts {

using Bytes = std::vector<std::byte>;
using ByteView = std::span<const std::byte>;

class ByteReader {
 public:
  explicit ByteReader(ByteView bytes) : bytes_(bytes) {}

  bool ok() const { return !failed_; }
  bool failed() const { return failed_; }
  std::size_t remaining() const { return failed_ ? 0 : bytes_.size() - at_; }
  std::size_t position() const { return at_; }
  bool at_end() const { return remaining() == 0; }

  std::uint8_t u8() { return static_cast<std::uint8_t>(number(1, false)); }
  std::uint16_t u16le() { return static_cast<std::uint16_t>(number(2, false)); }
  std::uint16_t u16be() { return static_cast<std::uint16_t>(number(2, true)); }
  std::uint32_t u32le() { return static_cast<std::uint32_t>(number(4, false)); }
  std::uint32_t u32be() { return static_cast<std::uint32_t>(number(4, true)); }
  std::uint64_t u64le() { return number(8, false); }

  /// The next `size` bytes, borrowed from the input.
  ByteView take(std::size_t size) {
    if (failed_ || size > bytes_.size() - at_) {
      failed_ = true;
      return {};
    }
    auto out = bytes_.subspan(at_, size);
    at_ += size;
    return out;
  }
  /// All that is left.
  ByteView rest() { return take(remaining()); }
  void skip(std::size_t size) { (void)take(size); }
  /// The next byte without consuming it; 0 at the end (which is not a failure).
  std::uint8_t peek() const { return remaining() ? std::to_integer<std::uint8_t>(bytes_[at_]) : 0; }
  /// Marks the input as malformed from a caller's own check.
  void set_failed() { failed_ = true; }

 private:
  std::uint64_t number(std::size_t size, bool big_endian) {
    auto in = take(size);
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < in.size(); ++i) {
      std::uint64_t byte = std::to_integer<std::uint64_t>(in[big_endian ? i : in.size() - 1 - i]);
      value = (value << 8) | byte;
    }
    return value;
  }

  ByteView bytes_;
  std::size_t at_ = 0;
  bool failed_ = false;
};

class ByteWriter {
 public:
  /// Appends to `out`, which must outlive the writer.
  explicit ByteWriter(Bytes& out) : out_(out) {}

  std::size_t size() const { return out_.size(); }
  void u8(std::uint8_t value) { out_.push_back(std::byte{value}); }
  void u16le(std::uint16_t value) { number(value, 2, false); }
  void u16be(std::uint16_t value) { number(value, 2, true); }
  void u32le(std::uint32_t value) { number(value, 4, false); }
  void u32be(std::uint32_t value) { number(value, 4, true); }
  void u64le(std::uint64_t value) { number(value, 8, false); }
  void bytes(ByteView value) { out_.insert(out_.end(), value.begin(), value.end()); }
  void text(std::string_view value) { bytes(std::as_bytes(std::span(value.data(), value.size()))); }
  void zeros(std::size_t count) { out_.resize(out_.size() + count); }

  /// Overwrites what was written at `at` (an offset in the whole vector): for lengths known afterwards.
  void patch_u8(std::size_t at, std::uint8_t value) { out_[at] = std::byte{value}; }
  void patch_u16le(std::size_t at, std::uint16_t value) {
    out_[at] = std::byte(value & 0xff);
    out_[at + 1] = std::byte(value >> 8);
  }
  void patch_u16be(std::size_t at, std::uint16_t value) {
    out_[at] = std::byte(value >> 8);
    out_[at + 1] = std::byte(value & 0xff);
  }
  void patch_u32le(std::size_t at, std::uint32_t value) {
    patch_u16le(at, static_cast<std::uint16_t>(value));
    patch_u16le(at + 2, static_cast<std::uint16_t>(value >> 16));
  }

 private:
  void number(std::uint64_t value, std::size_t size, bool big_endian) {
    for (std::size_t i = 0; i < size; ++i) {
      std::size_t shift = 8 * (big_endian ? size - 1 - i : i);
      out_.push_back(std::byte(static_cast<std::uint8_t>(value >> shift)));
    }
  }
  Bytes& out_;
};

}  // namespace ts
