#include "lib/base/utf.h"

namespace ts {
namespace {

constexpr char32_t kReplacement = 0xFFFD;
bool is_high_surrogate(char32_t unit) {
  return unit >= 0xD800 && unit < 0xDC00;
}
bool is_low_surrogate(char32_t unit) {
  return unit >= 0xDC00 && unit < 0xE000;
}

}  // namespace

char32_t next_code_point(std::string_view& text) {
  auto lead = static_cast<unsigned char>(text.front());
  std::size_t length = lead < 0x80         ? 1
                       : (lead >> 5) == 6  ? 2
                       : (lead >> 4) == 14 ? 3
                       : (lead >> 3) == 30 ? 4
                                           : 0;
  if (length == 0 || length > text.size()) {
    text.remove_prefix(1);
    return kReplacement;
  }
  char32_t value = length == 1 ? lead : lead & (0x7Fu >> length);
  for (std::size_t i = 1; i < length; ++i) {
    auto byte = static_cast<unsigned char>(text[i]);
    if ((byte & 0xC0) != 0x80) {
      text.remove_prefix(1);
      return kReplacement;
    }
    value = (value << 6) | (byte & 0x3F);
  }
  text.remove_prefix(length);
  static constexpr char32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
  bool valid = value >= kSmallest[length] && value <= 0x10FFFF && !is_high_surrogate(value) &&
               !is_low_surrogate(value);
  return valid ? value : kReplacement;
}

void append_utf8(std::string& out, char32_t c) {
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xC0 | (c >> 6));
    out += static_cast<char>(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    out += static_cast<char>(0xE0 | (c >> 12));
    out += static_cast<char>(0x80 | ((c >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (c & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | (c >> 18));
    out += static_cast<char>(0x80 | ((c >> 12) & 0x3F));
    out += static_cast<char>(0x80 | ((c >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (c & 0x3F));
  }
}

std::string utf16le_to_utf8(ByteView bytes) {
  std::string out;
  out.reserve(bytes.size() / 2 * 3);  // never moves while it grows: passwords pass here
  ByteReader in(bytes.first(bytes.size() & ~std::size_t{1}));
  while (!in.at_end()) {
    char32_t unit = in.u16le();
    if (unit == 0) break;
    if (is_high_surrogate(unit) && in.remaining() >= 2) {
      ByteReader ahead = in;
      char32_t low = ahead.u16le();
      if (is_low_surrogate(low)) {
        in = ahead;
        unit = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
      }
    }
    append_utf8(out, is_high_surrogate(unit) || is_low_surrogate(unit) ? kReplacement : unit);
  }
  return out;
}

Bytes utf8_to_utf16le(std::string_view text) {
  Bytes out;
  ByteWriter writer(out);
  while (!text.empty()) {
    char32_t c = next_code_point(text);
    if (c >= 0x10000) {
      c -= 0x10000;
      writer.u16le(static_cast<std::uint16_t>(0xD800 + (c >> 10)));
      writer.u16le(static_cast<std::uint16_t>(0xDC00 + (c & 0x3FF)));
    } else {
      writer.u16le(static_cast<std::uint16_t>(c));
    }
  }
  return out;
}

}  // namespace ts
