// Tables for a terminal.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sightline::report {

enum class Align { kLeft, kRight };

struct Column {
  std::string title;
  Align align = Align::kRight;
};

// Columns as wide as their widest cell, two blanks between them, a line under the titles. Cells are UTF-8
// without combining or double-width characters. Trailing blanks are cut.
class TextTable {
 public:
  explicit TextTable(std::vector<Column> columns);
  // As many cells as there are columns.
  void AddRow(std::vector<std::string> cells);
  std::string ToString() const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

// Number of characters shown for a UTF-8 text.
size_t DisplayWidth(std::string_view utf8);

}  // namespace sightline::report
