#include "lib/ui/safe_text.h"

#include <fmt/format.h>

#include "lib/base/utf.h"

namespace ts::ui {
namespace {

constexpr std::string_view kFirstStrongIsolate = "\u2068", kPopIsolate = "\u2069", kEllipsis = "…";

std::size_t length_by_lead_byte(unsigned char lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xc2 && lead <= 0xdf) return 2;
  if (lead >= 0xe0 && lead <= 0xef) return 3;
  if (lead >= 0xf0 && lead <= 0xf4) return 4;
  return 0;
}

std::string trimmed(const std::string& text) {
  const auto first = text.find_first_not_of(" \n");
  if (first == std::string::npos) return "";
  return text.substr(first, text.find_last_not_of(" \n") - first + 1);
}

std::string shown(char32_t character, Lines lines) {
  if (character == '\n') return lines == Lines::kSeveral ? "\n" : " ";
  if (character == '\t') return " ";
  if (character == '\r') return "";
  const auto number = static_cast<std::uint32_t>(character);
  if (is_control(character)) return fmt::format("\\x{:02x}", number);
  if (is_invisible(character)) return fmt::format("\\u{:04x}", number);
  std::string out;
  append_utf8(out, character);
  return out;
}

}  // namespace

CodePoint next_code_point(std::string_view text) {
  if (text.empty()) return {};
  const auto lead = static_cast<unsigned char>(text[0]);
  const std::size_t length = length_by_lead_byte(lead);
  if (length == 1) return {lead, 1, true};
  if (length == 0 || text.size() < length) return {0xfffd, 1, false};
  char32_t value = lead & (0x7fU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if ((byte & 0xc0) != 0x80) return {0xfffd, 1, false};
    value = (value << 6) | (byte & 0x3f);
  }
  constexpr char32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = value >= 0xd800 && value <= 0xdfff;
  if (value < kLeast[length] || value > 0x10ffff || surrogate) return {0xfffd, 1, false};
  return {value, length, true};
}

bool is_control(char32_t character) {
  return character < 0x20 || (character >= 0x7f && character < 0xa0);
}

bool is_invisible(char32_t c) {
  return c == 0xad || c == 0x61c || c == 0x180e || (c >= 0x200b && c <= 0x200f) ||
         (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) || c == 0xfeff ||
         (c >= 0xfff9 && c <= 0xfffb) || (c >= 0xe0000 && c <= 0xe0fff);
}

std::string safe_text(std::string_view text, std::size_t most, Lines lines) {
  std::string out;
  std::size_t count = 0;
  while (!text.empty()) {
    const CodePoint next = next_code_point(text);
    if (count++ == most) return trimmed(out) + std::string(kEllipsis);
    out += shown(next.value, lines);
    text.remove_prefix(next.bytes);
  }
  return trimmed(out);
}

std::string fill_in(std::string_view sentence, std::initializer_list<std::string_view> texts) {
  std::string out;
  while (!sentence.empty()) {
    const bool place = sentence.size() >= 3 && sentence[0] == '{' && sentence[2] == '}' &&
                       sentence[1] >= '0' && static_cast<std::size_t>(sentence[1] - '0') < texts.size();
    if (place) {
      out += kFirstStrongIsolate;
      out += texts.begin()[sentence[1] - '0'];
      out += kPopIsolate;
    } else {
      out += sentence[0];
    }
    sentence.remove_prefix(place ? 3 : 1);
  }
  return out;
}

}  // namespace ts::ui
