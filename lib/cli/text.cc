#include "lib/cli/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>

#include "lib/base/utf.h"

namespace ts::cli {
namespace {

/// Not shown but obeyed: controls (C0, DEL, C1), separators of lines, and what changes the direction of
/// others (Unicode 15, UAX #9 section 2).
bool steers(char32_t c) {
  return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x61c || c == 0x200e || c == 0x200f ||
         (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0xfeff;
}

/// Takes two columns: the wide blocks of East Asian Width and the pictures.
bool wide(char32_t c) {
  return (c >= 0x1100 && c <= 0x115f) || (c >= 0x2e80 && c <= 0xa4cf && c != 0x303f) ||
         (c >= 0xac00 && c <= 0xd7a3) || (c >= 0xf900 && c <= 0xfaff) || (c >= 0xfe30 && c <= 0xfe6f) ||
         (c >= 0xff00 && c <= 0xff60) || (c >= 0xffe0 && c <= 0xffe6) || (c >= 0x1f300 && c <= 0x1faff) ||
         (c >= 0x20000 && c <= 0x3fffd);
}

/// Takes no column of its own.
bool combining(char32_t c) {
  return (c >= 0x300 && c <= 0x36f) || (c >= 0x200b && c <= 0x200d) || (c >= 0x20d0 && c <= 0x20ff) ||
         (c >= 0xfe00 && c <= 0xfe0f);
}

std::string upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}

std::string joined(char mark, const std::vector<std::string>& cells, const std::vector<Column>& columns,
                   const std::vector<std::size_t>& widths) {
  std::string out(1, mark);
  for (std::size_t i = 0; i < cells.size(); ++i) {
    auto width = display_width(cells[i]);
    std::string pad(widths[i] > width ? widths[i] - width : 0, ' ');
    if (i > 0) out += "  ";
    out += columns[i].right ? pad + cells[i] : cells[i] + pad;
  }
  out.erase(out.find_last_not_of(' ') + 1);
  return out + "\n";
}

std::vector<std::string> printable_cells(const std::vector<std::string>& cells) {
  std::vector<std::string> out;
  for (const auto& cell : cells) out.push_back(printable(cell));
  return out;
}

}  // namespace

std::string printable(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    auto before = text;
    char32_t c = next_code_point(text);
    auto taken = before.substr(0, before.size() - text.size());
    bool invalid = c == 0xfffd && taken != "\xef\xbf\xbd";
    if (invalid || steers(c))
      out += '?';
    else
      out += taken;
  }
  return out;
}

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  while (!text.empty()) {
    char32_t c = next_code_point(text);
    width += combining(c) ? 0 : wide(c) ? 2 : 1;
  }
  return width;
}

std::string json_line(const nlohmann::ordered_json& document) {
  auto text = document.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  std::string out;
  // Such characters are only ever inside of strings; those below 0x20 have been escaped.
  for (std::string_view left = text; !left.empty();) {
    auto before = left;
    char32_t c = next_code_point(left);
    if (steers(c))
      out += fmt::format("\\u{:04x}", static_cast<std::uint32_t>(c));
    else
      out += before.substr(0, before.size() - left.size());
  }
  return out;
}

void Table::add(std::vector<std::string> cells, char mark) {
  rows_.push_back({mark, printable_cells(cells)});
}

std::string Table::text() const {
  std::vector<std::string> titles;
  std::vector<std::size_t> widths;
  for (const auto& column : columns_) {
    titles.push_back(upper(column.key));
    widths.push_back(std::max(column.width, column.key.size()));
  }
  for (const auto& row : rows_)
    for (std::size_t i = 0; i < row.cells.size(); ++i)
      widths[i] = std::max(widths[i], display_width(row.cells[i]));
  std::string out = joined(' ', titles, columns_, widths);
  for (const auto& row : rows_) out += joined(row.mark, row.cells, columns_, widths);
  return out;
}

std::string Table::header() const {
  std::vector<std::string> titles;
  for (const auto& column : columns_) titles.push_back(upper(column.key));
  return line(titles);
}

std::string Table::line(const std::vector<std::string>& cells, char mark) const {
  std::vector<std::size_t> widths;
  for (const auto& column : columns_) widths.push_back(std::max(column.width, column.key.size()));
  return joined(mark, printable_cells(cells), columns_, widths);
}

}  // namespace ts::cli
