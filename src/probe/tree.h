// The kernel's small text files under a root, and the few forms their contents take. Whatever cannot be read
// or does not have the expected form is absent.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sightline::probe {

class Tree {
 public:
  // `root` "" is this machine.
  explicit Tree(std::string root) : root_(std::move(root)) {}

  bool is_this_machine() const { return root_.empty(); }
  // All of a file, at most kLargestFile bytes of it. `path` is absolute: "/proc/stat".
  std::optional<std::string> Text(const std::string& path) const;
  // The same without white space (and the zero bytes of device trees) at either end; absent if nothing is
  // left.
  std::optional<std::string> Word(const std::string& path) const;
  std::optional<int64_t> Integer(const std::string& path) const;
  std::optional<int64_t> Count(const std::string& path) const;
  // Names in a folder that start with `prefix`, sorted; empty if there is no such folder.
  std::vector<std::string> Names(const std::string& folder, std::string_view prefix) const;

 private:
  static constexpr size_t kLargestFile = size_t{4} << 20;  // /proc/cpuinfo of 2048 hardware threads
  std::string root_;
};

std::string_view Trimmed(std::string_view text);
// The whole of `text`, trimmed, as a number.
std::optional<int64_t> ParseInteger(std::string_view text);
std::optional<double> ParseDecimal(std::string_view text);  // finite
// A number from 0 to 2^56, so that sums and differences of garbled counters do not overflow: 834 days in
// nanoseconds.
std::optional<int64_t> ParseCount(std::string_view text);
std::optional<int64_t> ParseHexadecimal(std::string_view text);  // "00400000"
// "0-3,8": ascending, without repetitions; parts that are not of this form are left out.
std::vector<int> ParseCoreList(std::string_view text);
// Words between white space.
std::vector<std::string_view> Words(std::string_view text);

// Value of the first line "key<separator> value", trimmed.
std::optional<std::string> ValueOf(std::string_view text, std::string_view key, char separator);
// Of a line "MemTotal:  24684096 kB", in bytes.
std::optional<int64_t> KilobytesOf(std::string_view text, std::string_view key);

// visit(std::string_view line) for each line, without its end.
template <typename Visitor>
void ForEachLine(std::string_view text, Visitor visit) {
  while (!text.empty()) {
    const size_t end = text.find('\n');
    visit(text.substr(0, end));
    if (end == std::string_view::npos) return;
    text.remove_prefix(end + 1);
  }
}

}  // namespace sightline::probe
