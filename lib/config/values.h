// The kinds of value that configuration keys have: each reads one YAML scalar, prints one, and says in words
// what it wants, so that every complaint reads "'two' is not a whole number from 0 to 1000".
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "lib/config/config.h"

namespace ts::config {

template <typename T>
struct Kind {
  std::string wanted;  // continues the sentence "'x' is not ..."
  std::function<std::optional<T>(const std::string&)> parse;
  std::function<std::string(const T&)> print;  // as YAML
};

Kind<std::uint32_t> whole_number(std::uint32_t least, std::uint32_t most);
Kind<bool> true_or_false();
Kind<std::string> any_text();
Kind<std::string> lines_of_text();
/// An absolute path, or empty.
Kind<std::filesystem::path> absolute_path();
/// Whole seconds, or a number with a unit: 30, 30s, 2m, 1h.
Kind<std::chrono::seconds> duration(std::chrono::seconds least, std::chrono::seconds most);
/// Bytes, or a number with a unit: 500000, 500k, 10M, 2G (powers of ten).
Kind<std::uint64_t> byte_size(std::uint64_t least, std::uint64_t most);
/// WIDTHxHEIGHT in pixels.
Kind<Size> picture_size(std::uint16_t least, std::uint16_t most);
/// FIRST-LAST, never 0.
Kind<UidRange> uid_range();
/// A user, or @ and a group.
Kind<std::string> account_name();
/// Numeric HOST:PORT, [HOST]:PORT for IPv6.
Kind<std::string> tcp_address();
/// An XKB layout such as de or de(nodeadkeys), or a Windows layout id such as 0x407. It is a name only:
/// whether there is such a layout is seen when it is used.
Kind<std::string> keyboard_name();

/// The YAML double-quoted form of any text.
std::string quoted(const std::string& text);
/// "'tls'" or "'pam' or 'file'".
std::string list_of_words(const std::vector<std::string>& words);

template <typename T>
Kind<T> one_of(std::vector<std::pair<std::string, T>> choices) {
  std::vector<std::string> words;
  for (const auto& choice : choices) words.push_back(choice.first);
  auto parse = [choices](const std::string& text) -> std::optional<T> {
    for (const auto& [word, value] : choices) {
      if (word == text) return value;
    }
    return std::nullopt;
  };
  auto print = [choices](const T& value) {
    for (const auto& [word, known] : choices) {
      if (known == value) return word;
    }
    return std::string();
  };
  return {list_of_words(words), parse, print};
}

}  // namespace ts::config
