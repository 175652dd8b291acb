#include "src/base/clock.h"

#include <algorithm>
#include <numeric>
#include <vector>

#include "src/base/check.h"

namespace sightline {
namespace {

// The smallest positive difference of neighbours in a sorted list; 0 when all are equal.
int64_t SmallestGap(const std::vector<int64_t>& sorted) {
  int64_t smallest = 0;
  for (size_t i = 1; i < sorted.size(); ++i) {
    const int64_t gap = sorted[i] - sorted[i - 1];
    if (gap > 0 && (smallest == 0 || gap < smallest)) smallest = gap;
  }
  return smallest;
}

}  // namespace

ClockFacts MeasureClock(const Clock& clock, int reads) {
  SIGHTLINE_CHECK(reads > 1);
  std::vector<int64_t> steps;
  steps.reserve(static_cast<size_t>(reads));
  int64_t previous = clock.NowNs();
  for (int i = 0; i < reads; ++i) {
    const int64_t now = clock.NowNs();
    steps.push_back(now - previous);
    previous = now;
  }
  std::sort(steps.begin(), steps.end());
  if (steps.back() <= 0) return {};
  ClockFacts facts{.read_cost_ns = steps[steps.size() / 2], .resolution_ns = 0};
  if (facts.read_cost_ns == 0) {
    facts.read_cost_ns =
        std::max<int64_t>(std::accumulate(steps.begin(), steps.end(), int64_t{0}) / reads, 1);
  }
  const int64_t smallest_step = *std::upper_bound(steps.begin(), steps.end(), 0);
  const int64_t gap = SmallestGap(steps);
  const bool stood_still = steps.front() <= 0;
  facts.resolution_ns = stood_still || gap == 0 ? smallest_step : std::min(gap, smallest_step);
  return facts;
}

}  // namespace sightline
