#include "lib/config/values.h"

#include <arpa/inet.h>

#include <charconv>
#include <regex>

namespace ts::config {
namespace {

/// Digits and nothing else, in range.
template <typename T>
std::optional<T> digits(std::string_view text, T least, T most) {
  T value{};
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || text.empty() || text[0] == '-')
    return std::nullopt;
  if (value < least || value > most) return std::nullopt;
  return value;
}

std::optional<std::uint64_t> seconds_in(char unit) {
  switch (unit) {
    case 's':
      return 1;
    case 'm':
      return 60;
    case 'h':
      return 3600;
    default:
      return std::nullopt;
  }
}

/// The shortest form that says the same: 3600 s is 1h.
std::string duration_text(std::chrono::seconds value) {
  auto count = value.count();
  if (count != 0 && count % 3600 == 0) return fmt::format("{}h", count / 3600);
  if (count != 0 && count % 60 == 0) return fmt::format("{}m", count / 60);
  return fmt::format("{}s", count);
}

std::optional<std::chrono::seconds> parse_duration(std::string_view text) {
  std::uint64_t scale = 1;
  if (!text.empty() && (text.back() < '0' || text.back() > '9')) {
    auto unit = seconds_in(text.back());
    if (!unit) return std::nullopt;
    scale = *unit;
    text.remove_suffix(1);
  }
  auto count = digits<std::uint64_t>(text, 0, 1'000'000'000);
  if (!count) return std::nullopt;
  return std::chrono::seconds(*count * scale);
}

/// The shortest form that says the same: 10000000 is 10M.
std::string byte_size_text(std::uint64_t value) {
  for (auto [unit, scale] : {std::pair{'G', 1'000'000'000U}, {'M', 1'000'000U}, {'k', 1'000U}})
    if (value != 0 && value % scale == 0) return fmt::format("{}{}", value / scale, unit);
  return std::to_string(value);
}

std::optional<std::uint64_t> parse_byte_size(std::string_view text) {
  std::uint64_t scale = 1;
  switch (text.empty() ? '\0' : text.back()) {
    case 'G':
      scale *= 1000;
      [[fallthrough]];
    case 'M':
      scale *= 1000;
      [[fallthrough]];
    case 'k':
      scale *= 1000;
      text.remove_suffix(1);
  }
  auto count = digits<std::uint64_t>(text, 0, 1'000'000'000'000'000 / scale);
  return count ? std::optional(*count * scale) : std::nullopt;
}

bool numeric_host(const std::string& host, bool bracketed) {
  unsigned char address[sizeof(in6_addr)];
  return inet_pton(bracketed ? AF_INET6 : AF_INET, host.c_str(), address) == 1;
}

std::optional<std::string> parse_address(const std::string& text) {
  auto colon = text.rfind(':');
  if (colon == std::string::npos || colon == 0) return std::nullopt;
  std::string host = text.substr(0, colon);
  bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  if (!numeric_host(host, bracketed)) return std::nullopt;
  if (!digits<std::uint32_t>(std::string_view(text).substr(colon + 1), 0, 65535)) return std::nullopt;
  return text;
}

}  // namespace

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (unsigned char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += static_cast<char>(c);
    } else if (c < 0x20 || c == 0x7f) {
      out += fmt::format("\\x{:02x}", c);
    } else {
      out += static_cast<char>(c);
    }
  }
  return out + '"';
}

std::string list_of_words(const std::vector<std::string>& words) {
  std::string out;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) out += i + 1 == words.size() ? " or " : ", ";
    out += "'" + words[i] + "'";
  }
  return out;
}

Kind<std::uint32_t> whole_number(std::uint32_t least, std::uint32_t most) {
  return {fmt::format("a whole number from {} to {}", least, most),
          [=](const std::string& text) { return digits<std::uint32_t>(text, least, most); },
          [](const std::uint32_t& value) { return std::to_string(value); }};
}

Kind<bool> true_or_false() {
  return {"'true' or 'false'",
          [](const std::string& text) -> std::optional<bool> {
            if (text == "true") return true;
            if (text == "false") return false;
            return std::nullopt;
          },
          [](const bool& value) { return std::string(value ? "true" : "false"); }};
}

Kind<std::string> any_text() {
  return {"one line of text",
          [](const std::string& text) -> std::optional<std::string> {
            if (text.find_first_of(std::string_view("\n\0", 2)) != std::string::npos) return std::nullopt;
            return text;
          },
          quoted};
}

Kind<std::string> lines_of_text() {
  return {"text",
          [](const std::string& text) -> std::optional<std::string> {
            if (text.find('\0') != std::string::npos) return std::nullopt;
            return text;
          },
          quoted};
}

Kind<std::filesystem::path> absolute_path() {
  return {"an absolute path",
          [](const std::string& text) -> std::optional<std::filesystem::path> {
            if (text.find_first_of(std::string_view("\n\0", 2)) != std::string::npos) return std::nullopt;
            if (!text.empty() && text[0] != '/') return std::nullopt;
            return text;
          },
          [](const std::filesystem::path& value) { return quoted(value.string()); }};
}

Kind<std::chrono::seconds> duration(std::chrono::seconds least, std::chrono::seconds most) {
  return {fmt::format("a duration from {} to {}, such as 30s, 2m or 1h", duration_text(least),
                      duration_text(most)),
          [=](const std::string& text) -> std::optional<std::chrono::seconds> {
            auto value = parse_duration(text);
            if (!value || *value < least || *value > most) return std::nullopt;
            return value;
          },
          duration_text};
}

Kind<std::uint64_t> byte_size(std::uint64_t least, std::uint64_t most) {
  return {fmt::format("a size from {} to {}, in bytes or with k, M or G", byte_size_text(least),
                      byte_size_text(most)),
          [=](const std::string& text) -> std::optional<std::uint64_t> {
            auto value = parse_byte_size(text);
            return value && *value >= least && *value <= most ? value : std::nullopt;
          },
          [](const std::uint64_t& value) { return byte_size_text(value); }};
}

Kind<Size> picture_size(std::uint16_t least, std::uint16_t most) {
  return {fmt::format("a size from {0}x{0} to {1}x{1}, such as 1920x1080", least, most),
          [=](const std::string& text) -> std::optional<Size> {
            auto by = text.find('x');
            if (by == std::string::npos) return std::nullopt;
            auto width = digits<std::uint16_t>(std::string_view(text).substr(0, by), least, most);
            auto height = digits<std::uint16_t>(std::string_view(text).substr(by + 1), least, most);
            if (!width || !height) return std::nullopt;
            return Size{*width, *height};
          },
          [](const Size& value) { return fmt::format("{}x{}", value.width, value.height); }};
}

Kind<UidRange> uid_range() {
  return {"a range of user ids such as 60600-61183, without 0",
          [](const std::string& text) -> std::optional<UidRange> {
            auto dash = text.find('-');
            if (dash == std::string::npos) return std::nullopt;
            // (uid_t)-1 means "no user"; the one below it is the last that can be given to a process.
            auto first = digits<std::uint32_t>(std::string_view(text).substr(0, dash), 1, 0xfffffffe);
            auto last = digits<std::uint32_t>(std::string_view(text).substr(dash + 1), 1, 0xfffffffe);
            if (!first || !last || *first > *last) return std::nullopt;
            return UidRange{*first, *last};
          },
          [](const UidRange& value) { return fmt::format("{}-{}", value.first, value.last); }};
}

Kind<std::string> account_name() {
  auto parse = [](const std::string& text) -> std::optional<std::string> {
    std::string_view name(text);
    if (name.starts_with('@')) name.remove_prefix(1);
    bool good = !name.empty() && name.find_first_of(":/@\n\t ,") == std::string_view::npos;
    return good ? std::optional(text) : std::nullopt;
  };
  return {"a user, or @ and a group", parse, quoted};
}

Kind<std::string> tcp_address() {
  return {"HOST:PORT with a numeric address, such as 0.0.0.0:3389 or [::]:3389", parse_address, quoted};
}

Kind<std::string> keyboard_name() {
  return {"an XKB layout such as de or de(nodeadkeys), or a Windows layout id such as 0x407",
          [](const std::string& text) -> std::optional<std::string> {
            static const std::regex kName("0x[0-9a-fA-F]{1,8}|[a-z]{2,16}([(][A-Za-z0-9_+-]{1,32}[)])?");
            if (!std::regex_match(text, kName)) return std::nullopt;
            return text;
          },
          quoted};
}

}  // namespace ts::config
