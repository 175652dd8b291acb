#include "src/report/text_table.h"

#include <algorithm>

#include "src/base/check.h"

namespace sightline::report {
namespace {

constexpr std::string_view kGap = "  ";

std::string Pad(const std::string& cell, size_t width, Align align) {
  const std::string blanks(width - DisplayWidth(cell), ' ');
  return align == Align::kLeft ? cell + blanks : blanks + cell;
}

std::string Trimmed(std::string line) {
  line.erase(line.find_last_not_of(' ') + 1);
  return line;
}

}  // namespace

size_t DisplayWidth(std::string_view utf8) {
  // Every byte but the continuation bytes (10xxxxxx) begins a character.
  return static_cast<size_t>(std::count_if(
      utf8.begin(), utf8.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

TextTable::TextTable(std::vector<Column> columns) : columns_(std::move(columns)) {}

void TextTable::AddRow(std::vector<std::string> cells) {
  SIGHTLINE_CHECK(cells.size() == columns_.size());
  rows_.push_back(std::move(cells));
}

std::string TextTable::ToString() const {
  std::vector<size_t> widths;
  for (size_t c = 0; c < columns_.size(); ++c) {
    size_t width = DisplayWidth(columns_[c].title);
    for (const auto& row : rows_) width = std::max(width, DisplayWidth(row[c]));
    widths.push_back(width);
  }
  std::string titles;
  std::string rule;
  for (size_t c = 0; c < columns_.size(); ++c) {
    if (c > 0) titles += kGap, rule += kGap;
    titles += Pad(columns_[c].title, widths[c], columns_[c].align);
    rule += std::string(widths[c], '-');
  }
  std::string text = Trimmed(titles) + "\n" + rule + "\n";
  for (const auto& row : rows_) {
    std::string line;
    for (size_t c = 0; c < columns_.size(); ++c) {
      if (c > 0) line += kGap;
      line += Pad(row[c], widths[c], columns_[c].align);
    }
    text += Trimmed(line) + "\n";
  }
  return text;
}

}  // namespace sightline::report
