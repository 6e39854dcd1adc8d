#include "cmd/tslogon/text_field.h"

#include <algorithm>
#include <cassert>
#include <cstring>

#include "cmd/tslogon/widgets.h"
#include "lib/base/random.h"
#include "lib/ui/safe_text.h"

namespace ts::logon {
namespace {

bool continues(char byte) {
  return (static_cast<unsigned char>(byte) & 0xc0) == 0x80;
}

}  // namespace

TextField::TextField(Kind kind, std::size_t most) : kind_(kind), most_(most) {
  assert(most <= bytes_.size());
}

bool TextField::insert(std::string_view text) {
  if (text.empty() || text.size() > most_ - size_) return false;
  for (std::string_view rest = text; !rest.empty();) {
    const CodePoint next = next_code_point(rest);
    if (!next.valid || is_control(next.value) || (!secret() && is_invisible(next.value))) return false;
    rest.remove_prefix(next.bytes);
  }
  std::memmove(bytes_.data() + cursor_ + text.size(), bytes_.data() + cursor_, size_ - cursor_);
  std::memcpy(bytes_.data() + cursor_, text.data(), text.size());
  size_ += text.size();
  cursor_ += text.size();
  return true;
}

void TextField::assign(std::string_view text) {
  clear();
  while (!text.empty()) {
    const CodePoint next = next_code_point(text);
    insert(text.substr(0, next.bytes));
    text.remove_prefix(next.bytes);
  }
}

void TextField::clear() {
  wipe(bytes_.data(), bytes_.size());
  size_ = cursor_ = 0;
}

std::size_t TextField::next(std::size_t byte) const {
  if (byte < size_) ++byte;
  while (byte < size_ && continues(bytes_[byte])) ++byte;
  return byte;
}

std::size_t TextField::previous(std::size_t byte) const {
  if (byte > 0) --byte;
  while (byte > 0 && continues(bytes_[byte])) --byte;
  return byte;
}

void TextField::move_left() {
  cursor_ = previous(cursor_);
}
void TextField::move_right() {
  cursor_ = next(cursor_);
}

void TextField::move_to(std::size_t byte) {
  cursor_ = std::min(byte, size_);
  while (cursor_ > 0 && cursor_ < size_ && continues(bytes_[cursor_])) --cursor_;
}

void TextField::erase(std::size_t from, std::size_t to) {
  const std::size_t gone = to - from;
  std::memmove(bytes_.data() + from, bytes_.data() + to, size_ - to);
  wipe(bytes_.data() + size_ - gone, gone);
  size_ -= gone;
  cursor_ = from;
}

void TextField::erase_before() {
  erase(previous(cursor_), cursor_);
}
void TextField::erase_after() {
  erase(cursor_, next(cursor_));
}

std::size_t TextField::characters_before(std::size_t byte) const {
  return static_cast<std::size_t>(std::count_if(bytes_.begin(),
                                                bytes_.begin() + static_cast<std::ptrdiff_t>(byte),
                                                [](char c) { return !continues(c); }));
}

std::size_t TextField::byte_of(std::size_t character) const {
  std::size_t byte = 0;
  while (character-- > 0 && byte < size_) byte = next(byte);
  return byte;
}

}  // namespace ts::logon
