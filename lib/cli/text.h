// Text for people from text of strangers: user names, client names, programs' names. No such text steers a
// terminal, breaks a line or a table, or shows its letters in another order than they stand.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace ts::cli {

/// One '?' for each byte that is no UTF-8 and each character that steers instead of being shown: controls
/// (both sets), line and paragraph separators, marks of direction.
std::string printable(std::string_view text);

/// Columns of a terminal that printable text takes.
std::size_t display_width(std::string_view text);

/// The document in one line without its end. The same characters are written as \uXXXX, what is not UTF-8 as
/// U+FFFD: a terminal may show it, and it is JSON all the same.
std::string json_line(const nlohmann::ordered_json& document);

struct Column {
  std::string key;  // as --columns takes it; its upper-case form is the header
  std::size_t width = 0;
  bool right = false;
};

/// "a user   17  Active": cells in columns of at least their width, two blanks apart.
class Table {
 public:
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

  /// `mark` stands before the first column.
  void add(std::vector<std::string> cells, char mark = ' ');
  /// Header and rows, as wide as their widest cells.
  std::string text() const;
  /// One line as wide as the columns say, for tables that grow.
  std::string header() const;
  std::string line(const std::vector<std::string>& cells, char mark = ' ') const;

 private:
  struct Row {
    char mark;
    std::vector<std::string> cells;
  };
  std::vector<Column> columns_;
  std::vector<Row> rows_;
};

}  // namespace ts::cli
