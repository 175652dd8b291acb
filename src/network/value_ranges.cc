#include "src/network/value_ranges.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "src/base/check.h"

namespace sightline::network {
namespace {

constexpr double kLeftOut = 1e-4;  // on either side

ValueRange RangeOf(std::span<const float> values) {
  if (!std::all_of(values.begin(), values.end(), [](float v) { return std::isfinite(v); })) {
    constexpr float kInfinity = std::numeric_limits<float>::infinity();
    return {-kInfinity, kInfinity};
  }
  const auto left_out = static_cast<std::ptrdiff_t>(kLeftOut * static_cast<double>(values.size()));
  std::vector<float> sorted(values.begin(), values.end());
  const auto low = sorted.begin() + left_out;
  std::nth_element(sorted.begin(), low, sorted.end());
  const float low_value = *low;
  const auto high = sorted.end() - 1 - left_out;
  std::nth_element(sorted.begin(), high, sorted.end());
  return {low_value, *high};
}

}  // namespace

void RangeCollector::Add(const std::string& tensor, std::span<const float> values) {
  SIGHTLINE_CHECK(!values.empty());
  const ValueRange range = RangeOf(values);
  Sum& sum = sums_[tensor];
  sum.low += range.low;
  sum.high += range.high;
  ++sum.count;
}

ValueRanges RangeCollector::Ranges() const {
  ValueRanges ranges;
  for (const auto& [tensor, sum] : sums_) {
    ranges[tensor] = {static_cast<float>(sum.low / sum.count), static_cast<float>(sum.high / sum.count)};
  }
  return ranges;
}

}  // namespace sightline::network
