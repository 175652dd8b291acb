#include "src/base/clock.h"

#include <algorithm>
#include <vector>

#include "src/base/check.h"

namespace sightline {

ClockFacts MeasureClock(const Clock& clock, int reads) {
  SIGHTLINE_CHECK(reads > 1);
  std::vector<int64_t> steps;
  steps.reserve(static_cast<size_t>(reads));
  int64_t previous = clock.NowNs();
  for (int i = 0; i < reads; ++i) {
    const int64_t now = clock.NowNs();
    if (now > previous) steps.push_back(now - previous);
    previous = now;
  }
  if (steps.empty()) return {};
  std::sort(steps.begin(), steps.end());
  return {.read_cost_ns_p50 = steps[steps.size() / 2], .resolution_ns = steps.front()};
}

}  // namespace sightline
