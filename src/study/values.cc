#include "src/study/values.h"

#include <charconv>
#include <cmath>

namespace sightline::study {
namespace {

struct Unit {
  std::string_view name;
  double bytes;
};
constexpr Unit kUnits[] = {{"B", 1},        {"kB", 1e3},     {"MB", 1e6},     {"GB", 1e9},    {"TB", 1e12},
                           {"KiB", 0x1p10}, {"MiB", 0x1p20}, {"GiB", 0x1p30}, {"TiB", 0x1p40}};

// The number a text begins with, which is taken from it.
std::optional<double> TakeNumber(std::string_view& text) {
  double value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc() || !std::isfinite(value) || value < 0) return std::nullopt;
  text.remove_prefix(static_cast<size_t>(end - text.data()));
  return value;
}

}  // namespace

std::optional<int64_t> ParseByteSize(std::string_view text) {
  const auto number = TakeNumber(text);
  if (!number) return std::nullopt;
  for (const Unit& unit : kUnits) {
    if (unit.name != text) continue;
    const double bytes = *number * unit.bytes;
    if (bytes > 0x1p60) return std::nullopt;
    return std::llround(bytes);
  }
  return std::nullopt;
}

std::optional<double> ParsePercentage(std::string_view text) {
  const auto number = TakeNumber(text);
  if (!number || (text != "%" && text != " %")) return std::nullopt;
  if (*number <= 0 || *number >= 100) return std::nullopt;
  return *number / 100;
}

}  // namespace sightline::study
