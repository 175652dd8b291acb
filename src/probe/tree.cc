#include "src/probe/tree.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <limits>
#include <system_error>

#include "src/base/text.h"

namespace sightline::probe {
namespace {

constexpr int kMostCores = 1 << 16;  // a garbled "0-999999999" must not fill the memory

template <typename T, typename... Base>
std::optional<T> ParseNumber(std::string_view text, Base... base) {
  const std::string_view trimmed = Trimmed(text);
  const char* const begin = trimmed.data();
  const char* const end = begin + trimmed.size();
  T value{};
  const auto [stop, code] = std::from_chars(begin, end, value, base...);
  if (code != std::errc() || stop != end) return std::nullopt;
  return value;
}

void AddCores(std::string_view range, std::vector<int>& cores) {
  const size_t dash = range.find('-');
  const auto first = ParseInteger(range.substr(0, dash));
  const auto last = dash == std::string_view::npos ? first : ParseInteger(range.substr(dash + 1));
  if (!first || !last || *first < 0 || *last >= kMostCores) return;
  for (int64_t core = *first; core <= *last; ++core) cores.push_back(static_cast<int>(core));
}

}  // namespace

std::optional<std::string> Tree::Text(const std::string& path) const {
  const int file = open((root_ + path).c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) return std::nullopt;
  std::string text;
  ssize_t got = 0;
  do {
    const size_t before = text.size();
    text.resize(before + 4096);
    got = read(file, text.data() + before, 4096);
    text.resize(before + static_cast<size_t>(std::max<ssize_t>(got, 0)));
  } while (got > 0 && text.size() < kLargestFile);
  close(file);
  // Some files open and then refuse: a sensor that is switched off.
  if (got < 0) return std::nullopt;
  return text;
}

std::optional<std::string> Tree::Word(const std::string& path) const {
  const auto text = Text(path);
  if (!text) return std::nullopt;
  const std::string_view word = Trimmed(*text);
  if (word.empty()) return std::nullopt;
  return std::string(word);
}

std::optional<int64_t> Tree::Integer(const std::string& path) const {
  const auto text = Text(path);
  return text ? ParseInteger(*text) : std::nullopt;
}

std::optional<int64_t> Tree::Count(const std::string& path) const {
  const auto text = Text(path);
  return text ? ParseCount(*text) : std::nullopt;
}

std::vector<std::string> Tree::Names(const std::string& folder, std::string_view prefix) const {
  std::vector<std::string> names;
  std::error_code error;
  auto entry = std::filesystem::directory_iterator(root_ + folder, error);
  while (!error && entry != std::filesystem::directory_iterator()) {
    std::string name = entry->path().filename().string();
    if (name.starts_with(prefix)) names.push_back(std::move(name));
    entry.increment(error);
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::string_view Trimmed(std::string_view text) {
  constexpr std::string_view kBlank(" \t\r\n\0", 5);
  const size_t begin = text.find_first_not_of(kBlank);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlank) - begin + 1);
}

std::optional<int64_t> ParseInteger(std::string_view text) {
  return ParseNumber<int64_t>(text);
}

std::optional<int64_t> ParseHexadecimal(std::string_view text) {
  return ParseNumber<int64_t>(text, 16);
}

std::optional<double> ParseDecimal(std::string_view text) {
  const auto value = ParseNumber<double>(text);
  return value && std::isfinite(*value) ? value : std::nullopt;
}

std::optional<int64_t> ParseCount(std::string_view text) {
  const auto value = ParseInteger(text);
  return value && *value >= 0 && *value <= int64_t{1} << 56 ? value : std::nullopt;
}

std::vector<int> ParseCoreList(std::string_view text) {
  std::vector<int> cores;
  for (const std::string& range : Split(text, ',')) AddCores(range, cores);
  std::sort(cores.begin(), cores.end());
  cores.erase(std::unique(cores.begin(), cores.end()), cores.end());
  return cores;
}

std::vector<std::string_view> Words(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n";
  std::vector<std::string_view> words;
  size_t begin = text.find_first_not_of(kBlank);
  while (begin != std::string_view::npos) {
    const size_t end = text.find_first_of(kBlank, begin);
    words.push_back(text.substr(begin, end - begin));
    begin = text.find_first_not_of(kBlank, end);
  }
  return words;
}

std::optional<std::string> ValueOf(std::string_view text, std::string_view key, char separator) {
  std::optional<std::string> value;
  ForEachLine(text, [&](std::string_view line) {
    const size_t at = line.find(separator);
    if (value || at == std::string_view::npos || Trimmed(line.substr(0, at)) != key) return;
    value = std::string(Trimmed(line.substr(at + 1)));
  });
  return value;
}

std::optional<int64_t> KilobytesOf(std::string_view text, std::string_view key) {
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max() / 1024;
  std::string value = ValueOf(text, key, ':').value_or("");
  if (!value.ends_with("kB")) return std::nullopt;
  value.resize(value.size() - 2);
  const auto kilobytes = ParseInteger(value);
  if (!kilobytes || *kilobytes < 0 || *kilobytes > kMost) return std::nullopt;
  return *kilobytes * 1024;
}

}  // namespace sightline::probe
