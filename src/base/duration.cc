#include "src/base/duration.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

namespace sightline {
namespace {

struct Unit {
  std::string_view name;
  double nanoseconds;
};
constexpr Unit kUnits[] = {{"", 1e9},   {"s", 1e9},    {"ms", 1e6}, {"us", 1e3},
                           {"ns", 1.0}, {"min", 60e9}, {"m", 60e9}, {"h", 3600e9}};
constexpr double kLongest = 365.0 * 24 * 3600e9;  // a year: far inside int64_t

}  // namespace

Result<Nanoseconds> ParseDuration(std::string_view text, std::string_view what) {
  const Error error(ErrorKind::kInvalidArgument,
                    std::string(what) + ": '" + std::string(text) +
                        "' is not a duration; write for example 5s, 250ms or 2min");
  double value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc() || !std::isfinite(value) || value < 0) return error;
  const std::string_view unit_name = text.substr(static_cast<size_t>(end - text.data()));
  for (const Unit& unit : kUnits) {
    if (unit.name != unit_name) continue;
    const double ns = value * unit.nanoseconds;
    if (ns > kLongest) return error;
    return Nanoseconds(std::llround(ns));
  }
  return error;
}

std::string DurationText(Nanoseconds duration) {
  constexpr double kFewSeconds = 9.95;  // below it a decimal tells something
  constexpr int64_t kMostSeconds = 120;
  constexpr int64_t kMostMinutes = 120;
  const double s = std::chrono::duration<double>(duration).count();
  if (s < kFewSeconds) return fmt::format("{:.1f} s", s);
  const int64_t seconds = std::llround(s);
  if (seconds < kMostSeconds) return fmt::format("{} s", seconds);
  const int64_t minutes = std::llround(s / 60);
  if (minutes < kMostMinutes) return fmt::format("{} min", minutes);
  return fmt::format("{} h {} min", minutes / 60, minutes % 60);
}

}  // namespace sightline
