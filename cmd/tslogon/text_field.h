// One line of text being edited, in storage of its own that is never moved, copied or reallocated, so that a
// password exists once and is wiped where it stood. The cursor moves by code points. Pure; whoever owns a
// secret one may lock storage() into memory.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string_view>

#include "lib/session/logon_messages.h"

namespace ts::logon {

class TextField {
 public:
  enum class Kind { kPlain, kSecret };

  /// `most` bytes at most: what fits into the message that it goes into.
  TextField(Kind kind, std::size_t most);
  ~TextField() { clear(); }
  TextField(const TextField&) = delete;
  TextField& operator=(const TextField&) = delete;

  /// False, and nothing is changed, for text that does not fit, is not UTF-8, or has characters that nobody
  /// types: controls, and in plain text also those that change the direction or are invisible.
  bool insert(std::string_view text);
  /// Replaces everything, leaving out what insert() refuses; the cursor goes to the end.
  void assign(std::string_view text);
  /// Wipes everything.
  void clear();
  /// What comes next is shown as text or as dots.
  void set_kind(Kind kind) { kind_ = kind; }

  void move_left();
  void move_right();
  void move_to_start() { cursor_ = 0; }
  void move_to_end() { cursor_ = size_; }
  /// To the code point boundary at or before this byte.
  void move_to(std::size_t byte);
  void erase_before();
  void erase_after();

  bool secret() const { return kind_ == Kind::kSecret; }
  bool empty() const { return size_ == 0; }
  std::string_view text() const { return {bytes_.data(), size_}; }
  std::size_t cursor() const { return cursor_; }
  /// In code points.
  std::size_t length() const { return characters_before(size_); }
  std::size_t cursor_character() const { return characters_before(cursor_); }
  /// The byte at which the code point with this number starts.
  std::size_t byte_of(std::size_t character) const;
  std::span<std::byte> storage() { return std::as_writable_bytes(std::span(bytes_)); }

 private:
  std::size_t characters_before(std::size_t byte) const;
  std::size_t next(std::size_t byte) const;
  std::size_t previous(std::size_t byte) const;
  void erase(std::size_t from, std::size_t to);

  Kind kind_;
  std::size_t most_;
  std::array<char, 512> bytes_{};
  std::size_t size_ = 0, cursor_ = 0;
};

}  // namespace ts::logon
